/** The methods' operations on images, value by value on [N,C,H,W] in doubles: a slow and simple reference. */
import { normalisationOfLevels, type HostTensor, type Preprocess } from '@touchstone/contract';

/** Shifted down and to the right; what leaves on one side enters on the other. */
export function shifted({ shape, data }: HostTensor, [oy, ox]: readonly [number, number]): HostTensor {
  const [, , h, w] = shape as [number, number, number, number];
  const from = (i: number, by: number, size: number): number => (((i - by) % size) + size) % size;
  const source = (i: number): number => i - (i % (h * w)) + from(Math.floor(i / w) % h, oy, h) * w + from(i % w, ox, w);
  return { shape, data: Float64Array.from(data, (_, i) => data[source(i)]!) };
}

/** Left and right exchanged, along the last dimension. */
export function mirrored({ shape, data }: HostTensor): HostTensor {
  const w = shape.at(-1)!;
  return { shape, data: data.map((_, i) => data[i - (i % w) + (w - 1 - (i % w))]!) };
}

/** Each channel clamped to the network's values of black and white. */
export function clampedToPixels({ shape, data }: HostTensor, preprocess: Preprocess): HostTensor {
  const { mean, std } = normalisationOfLevels(preprocess);
  const [, channels, h, w] = shape as [number, number, number, number];
  const clamp = (value: number, c: number): number =>
    Math.min(Math.max(value, (0 - mean[c]!) / std[c]!), (255 - mean[c]!) / std[c]!);
  return { shape, data: Float64Array.from(data, (value, i) => clamp(value, Math.floor(i / (h * w)) % channels)) };
}

/** scipy's `gaussian_filter` over rows and columns: cut off at 4σ, the image mirrored at its edge. */
export function blurred({ shape, data }: HostTensor, sigma: number): HostTensor {
  const [, , h, w] = shape as [number, number, number, number];
  const radius = Math.floor(4 * sigma + 0.5);
  const reach = Array.from({ length: 2 * radius + 1 }, (_, i) => i - radius);
  const weight = (d: number): number => Math.exp(-(d ** 2) / (2 * sigma ** 2));
  const whole = reach.reduce((sum, d) => sum + weight(d), 0) ** 2;
  const at = (i: number, y: number, x: number): number =>
    data[i - (i % (h * w)) + reflected(y, h) * w + reflected(x, w)]!;
  const blur = (i: number): number => {
    const [y, x] = [Math.floor(i / w) % h, i % w];
    return (
      reach.reduce(
        (sum, dy) => sum + reach.reduce((row, dx) => row + weight(dy) * weight(dx) * at(i, y + dy, x + dx), 0),
        0,
      ) / whole
    );
  };
  return { shape, data: Float64Array.from(data, (_, i) => blur(i)) };
}

/** An index reflected at the edges. */
function reflected(i: number, size: number): number {
  if (i < 0) return reflected(-1 - i, size);
  return i < size ? i : reflected(2 * size - 1 - i, size);
}

/**
 * The images after steps of Adam (Kingma & Ba 2015, algorithm 1; β 0.9 and 0.999, ε 1e-8), each from the image before
 * it, along the negative gradient there.
 */
export function adamSteps(
  befores: readonly HostTensor[],
  gradients: readonly HostTensor[],
  { rate, decay }: { rate: number; decay: number },
): HostTensor[] {
  const { length } = befores[0]!.data;
  const [m, v] = [new Float64Array(length), new Float64Array(length)];
  return befores.map(({ shape, data }, step) => {
    const after = Float64Array.from(data, (value, i) => {
      const g = gradients[step]!.data[i]! + decay * value;
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.999 * v[i]! + 0.001 * g * g;
      return value - (rate * (m[i] / (1 - 0.9 ** (step + 1)))) / (Math.sqrt(v[i] / (1 - 0.999 ** (step + 1))) + 1e-8);
    });
    return { shape, data: after };
  });
}
