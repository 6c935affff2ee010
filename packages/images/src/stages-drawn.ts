import type { ImageStyle } from '@touchstone/methods';

/** The stages that the images of a style are drawn from; undefined: any of them may be. */
export function stagesDrawn(style: ImageStyle): readonly string[] | undefined {
  return style === 'maps' || style === 'kernels' ? undefined : ['attribution'];
}
