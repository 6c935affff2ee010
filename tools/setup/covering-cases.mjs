/** Has the operations of densenet121-narrow, and a software renderer compiles its shaders for half a minute. */
const leftOut = ['head-pose-narrow'];

/**
 * A selection of the quick cases that has every method and nearly every network: the first case of each, in order.
 * Networks of the generated hook programs do not count: each serves one program, and hooks work the same on every
 * backend.
 * @param {readonly { id: string, method: string, network: string, profile: string }[]} cases
 * @returns {string[]} ids
 */
export function coveringCases(cases) {
  const covered = new Set();
  return cases
    .filter(({ profile, network }) => profile === 'quick' && !leftOut.includes(network))
    .filter(({ method, network }) => {
      const parts = [`method ${method}`, ...(network.startsWith('hooks/') ? [] : [`network ${network}`])];
      const isNew = parts.some((part) => !covered.has(part));
      for (const part of parts) covered.add(part);
      return isNew;
    })
    .map(({ id }) => id);
}
