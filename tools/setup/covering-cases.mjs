/**
 * A selection of the quick cases that has every method and every network among them: the first case of each, in their
 * order. Networks of the generated hook programs do not count: each belongs to one program, and what hooks do is the
 * same on every backend.
 * @param {readonly { id: string, method: string, network: string, profile: string }[]} cases
 * @returns {string[]} ids
 */
export function coveringCases(cases) {
  const covered = new Set();
  return cases
    .filter(({ profile }) => profile === 'quick')
    .filter(({ method, network }) => {
      const parts = [`method ${method}`, ...(network.startsWith('hooks/') ? [] : [`network ${network}`])];
      const isNew = parts.some((part) => !covered.has(part));
      for (const part of parts) covered.add(part);
      return isNew;
    })
    .map(({ id }) => id);
}
