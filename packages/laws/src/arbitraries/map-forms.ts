/** A map in the three forms that Grad-CAM reads. */
import type { Write, Writer } from './function-writer.js';

/** Paths of the layers that `mapForms` writes. */
export const formLayers = { map: 'map', channelsLast: 'channels-last', tokens: 'tokens' } as const;

/**
 * The map is the layer `map` [N,C,h,w], then `channels-last` [N,h,w,C], then `tokens` [N,skip+h·w,C], of which all are
 * read; after that it is a map again.
 *
 * @param skip tokens before those of the map, which hold weights
 */
export const mapForms: Write = (writer, x, [c, h, w], skip) => {
  const { call, layer } = writer;
  const rows = call('permute', [layer(formLayers.map, x)], { dims: [0, 2, 3, 1] });
  const patches = call('reshape', [layer(formLayers.channelsLast, rows)], { shape: [-1, h * w, c] });
  const tokens = layer(formLayers.tokens, skip === 0 ? patches : afterOwnTokens(writer, patches, [skip, c]));
  const mixed = skip === 0 ? tokens : mixedTokens(writer, tokens, skip, skip + h * w);
  return call('permute', [call('reshape', [mixed], { shape: [-1, h, w, c] })], { dims: [0, 3, 1, 2] });
};

function afterOwnTokens({ call, weight }: Writer, patches: string, [skip, c]: readonly [number, number]): string {
  const own = call('expand', [weight([1, skip, c]), patches], { shape: [null, -1, -1] });
  return call('cat', [own, patches], { dim: 1 });
}

/** The tokens after the first `skip`, plus the mean of those. */
function mixedTokens({ call }: Writer, tokens: string, skip: number, end: number): string {
  const between = (from: number, to: number): string =>
    call('slice', [tokens], { dim: 1, start: from, end: to, step: 1 });
  return call('add', [between(skip, end), call('mean', [between(0, skip)], { dims: [1], keepdim: true })]);
}
