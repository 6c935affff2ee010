const size = 96;
const a = Float32Array.from({ length: size * size }, (_, i) => ((i * 7) % 13) / 13);
const b = Float32Array.from({ length: size * size }, (_, i) => ((i * 5) % 11) / 11);
const product = new Float32Array(size * size);
const times = 2;

/**
 * Milliseconds of processor time of a matrix product in plain JavaScript, in the gate's own process. It is timed after
 * each round of base and head and depends on neither, so it must take the same time for both.
 */
export function controlRound(): number {
  const start = process.cpuUsage();
  for (let turn = 0; turn < times; turn++) multiply();
  const { user, system } = process.cpuUsage(start);
  return Math.max(user + system, 1) / 1000;
}

function multiply(): void {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += a[row * size + i]! * b[i * size + column]!;
      product[row * size + column] = sum;
    }
  }
}
