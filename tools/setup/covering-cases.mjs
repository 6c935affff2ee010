/** Goes through a whole network, forward and back to the image: where it has a case, that counts for the network. */
const throughAll = 'saliency';
/** Of a case that was not measured. */
const usualSeconds = 1;
/** A case that takes longer counts for its method and its network only. */
const shortSeconds = 0.5;

/**
 * A selection of the quick cases, the cheapest first, so that a backend runs all of our code and all of its kernels
 * once: it has every method, and nearly every network or each operation of the networks. Networks of the generated hook
 * programs do not count: each serves one program, and hooks work the same on every backend.
 * @param {readonly { id: string, method: string, network: string, profile: string }[]} cases
 * @param {Readonly<Record<string, { readonly cpu?: number }>>} measured seconds, as in case-seconds.json
 * @param {{ pairs?: boolean, operationsOf?: (network: string) => string[] }} [options] `pairs`: each method on each
 *   network too, where that is short; `operationsOf`: what a network calls, which counts in place of the network
 * @returns {string[]} ids
 */
export function coveringCases(cases, measured, { pairs = false, operationsOf } = {}) {
  const secondsOf = ({ id }) => measured[id]?.cpu ?? usualSeconds;
  const quick = cases.filter(({ profile }) => profile === 'quick');
  const passedThrough = new Set(quick.filter(({ method }) => method === throughAll).map(({ network }) => network));
  const partsOf = (row) => {
    const { method, network } = row;
    const parts = [`method ${method}`];
    if (network.startsWith('hooks/')) return parts;
    if (method === throughAll || !passedThrough.has(network))
      parts.push(...(operationsOf ? operationsOf(network) : [`network ${network}`]));
    if (pairs && secondsOf(row) <= shortSeconds) parts.push(`${method} on ${network}`);
    return parts;
  };
  const cheapestFirst = [...quick].sort((a, b) => secondsOf(a) - secondsOf(b)).map((row) => [row, partsOf(row)]);
  const covered = new Set();
  const chosen = cheapestFirst.filter(([, parts]) => {
    const isNew = parts.some((part) => !covered.has(part));
    for (const part of parts) covered.add(part);
    return isNew;
  });
  const needed = new Set(withoutRepeated(chosen.reverse()).map(([row]) => row.id));
  return quick.map(({ id }) => id).filter((id) => needed.has(id));
}

/** Without each whose parts the others have, the first first. */
function withoutRepeated(chosen) {
  const times = new Map();
  for (const part of chosen.flatMap(([, parts]) => parts)) times.set(part, (times.get(part) ?? 0) + 1);
  return chosen.filter(([, parts]) => {
    if (parts.some((part) => times.get(part) === 1)) return true;
    for (const part of parts) times.set(part, times.get(part) - 1);
    return false;
  });
}

/** What a layer or a function is asked for that may need another kernel: its modes, strides, padding and groups. */
const telling = { stride: 1, dilation: 1, groups: 1, padding: 0 };

/**
 * The kinds of layers and functions that a network calls, such as `Conv2d groups padding`.
 * @param {{ modules: Readonly<Record<string, { type: string, attributes?: object, calls?: object[] }>> }} description
 *   its network.json
 * @returns {string[]}
 */
export function operationsIn({ modules }) {
  const leaves = Object.values(modules).flatMap(({ type, attributes, calls }) =>
    calls === undefined ? [kindOf(type, attributes)] : [],
  );
  const functions = Object.values(modules).flatMap(({ calls = [] }) =>
    calls.flatMap(({ op, attributes }) => (op === undefined ? [] : [kindOf(op, attributes)])),
  );
  return [...new Set([...leaves, ...functions])];
}

function kindOf(name, attributes = {}) {
  const asked = Object.entries(attributes).flatMap(([key, value]) => {
    if (typeof value === 'string') return [`${key}=${value}`];
    if (value === true) return [key];
    return key in telling && [value].flat(2).some((n) => n > telling[key]) ? [key] : [];
  });
  return [name, ...asked.sort()].join(' ');
}
