/**
 * Each has the operations of networks that stay, and a software renderer compiles the shaders of 121 layers for one
 * and a half minutes.
 */
export const leftOut = ['densenet121-narrow', 'head-pose-narrow'];

/** Goes through a whole network, forward and back to the image: where it has a case, that counts for the network. */
const throughAll = 'saliency';
/** Of a case that was not measured. */
const usualSeconds = 1;
/** A case that takes longer counts for its method and its network only. */
const shortSeconds = 0.5;

/**
 * A selection of the quick cases that has every method and nearly every network: the cheapest case of each, so that a
 * backend runs all of our code and all of its kernels once. Networks of the generated hook programs do not count: each
 * serves one program, and hooks work the same on every backend.
 * @param {readonly { id: string, method: string, network: string, profile: string }[]} cases
 * @param {Readonly<Record<string, { readonly cpu?: number }>>} measured seconds, as in case-seconds.json
 * @param {{ pairs?: boolean, without?: readonly string[] }} [options] `pairs`: each method on each network too, where
 *   that is short; `without`: networks
 * @returns {string[]} ids
 */
export function coveringCases(cases, measured, { pairs = false, without = [] } = {}) {
  const secondsOf = ({ id }) => measured[id]?.cpu ?? usualSeconds;
  const quick = cases.filter(({ profile, network }) => profile === 'quick' && !without.includes(network));
  const passedThrough = new Set(quick.filter(({ method }) => method === throughAll).map(({ network }) => network));
  const partsOf = (row) => {
    const { method, network } = row;
    const parts = [`method ${method}`];
    if (network.startsWith('hooks/')) return parts;
    if (method === throughAll || !passedThrough.has(network)) parts.push(`network ${network}`);
    if (pairs && secondsOf(row) <= shortSeconds) parts.push(`${method} on ${network}`);
    return parts;
  };
  const covered = new Set();
  const chosen = new Set();
  for (const row of [...quick].sort((a, b) => secondsOf(a) - secondsOf(b))) {
    const parts = partsOf(row);
    if (parts.some((part) => !covered.has(part))) chosen.add(row.id);
    for (const part of parts) covered.add(part);
  }
  return quick.map(({ id }) => id).filter((id) => chosen.has(id));
}
