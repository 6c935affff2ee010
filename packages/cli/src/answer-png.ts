/** A figure of one answer as a program gets it. */
import { TouchstoneError, unknownName } from '@touchstone/contract';
import { checkSharp, colourMaps, encodePng, isMap, type FigureStyle } from '@touchstone/images';
import type { Method } from '@touchstone/methods';
import { figureOf, type Drawable, type FigureOptions } from './figures.js';

/**
 * How the answer of a method is drawn, checked before it runs.
 * @throws TouchstoneError `usage`, `unknown-name`, `missing-package`
 */
export async function pngStyle({ id, image }: Method, options: FigureOptions): Promise<FigureStyle> {
  const { overlay = false, legend = true, colourMap, percentile } = options;
  if (image === null)
    throw new TouchstoneError('usage', `${id}: its answer is no image, so it has no figure`, 'Omit figure.');
  const ofMaps = Object.entries({ overlay, colourMap, percentile }).find(([, value]) => Boolean(value));
  if (ofMaps !== undefined && !isMap(image))
    throw new TouchstoneError(
      'usage',
      `figure.${ofMaps[0]} has no effect: ${id} gives no map of the image`,
      `Omit ${ofMaps[0]}.`,
    );
  if (colourMap !== undefined && !Object.hasOwn(colourMaps, colourMap))
    throw unknownName('colour map', colourMap, Object.keys(colourMaps));
  if (percentile !== undefined && !(percentile > 0 && percentile <= 100))
    throw new TouchstoneError(
      'usage',
      `figure.percentile ${percentile}: must be a number, more than 0 and at most 100`,
      'Give a percentile, for example 99.',
    );
  await checkSharp();
  return { overlay, legend, colourMap, percentile };
}

/** The bytes that `touchstone attribute` writes for the same. */
export async function answerPng(drawable: Drawable, style: FigureStyle): Promise<Uint8Array> {
  const { image } = await figureOf(drawable, style);
  return encodePng(image);
}
