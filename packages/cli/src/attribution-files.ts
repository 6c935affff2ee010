import { extname } from 'node:path';
import { TouchstoneError, writeSafetensors, type Preprocess, type Stages } from '@touchstone/contract';
import type { Method } from '@touchstone/methods';
import { renderAttribution, shownStage, writePng, writeWhole } from '@touchstone/report';
import type { ModelInput } from './model-input.js';

/** Grids of feature maps written beside FILE.png; more layers than that go into a .safetensors file only. */
const MAX_GRIDS = 16;

/** @throws TouchstoneError `usage` for an ending that says nothing */
export function checkOutputs(files: readonly string[]): void {
  const bad = files.find((file) => !['.png', '.safetensors'].includes(extname(file).toLowerCase()));
  if (bad !== undefined) throw new TouchstoneError('usage', `--out ${bad}: the ending says neither picture nor tensors`, 'End it in .png or .safetensors.');
}

/** Writes `file` and what belongs beside it; returns every path with what it shows. Pictures are of image 0. */
export async function writeAttribution(file: string, method: Method, stages: Stages, { x }: ModelInput, preprocess: Preprocess | undefined): Promise<[string, string][]> {
  if (extname(file).toLowerCase() === '.safetensors') {
    await writeWhole(file, writeSafetensors(stages));
    return [[file, `stages ${Object.keys(stages).join(', ')}`]];
  }
  const beside = (suffix: string) => `${file.slice(0, -extname(file).length)}.${suffix}.png`;
  const shown = shownStage(stages);
  if (shown === null || method.picture === null) throw new TouchstoneError('usage', `--out ${file}: no stage of this is a map, so there is no picture`, 'Write the numbers with --out FILE.safetensors.');
  const { picture, map } = renderAttribution(method.picture, shown.tensor, x, preprocess);
  await writePng(file, picture);
  if (map) {
    await writePng(beside('map'), map);
    return [[file, 'the map over the picture'], [beside('map'), 'the map alone']];
  }
  if (method.picture !== 'maps') return [[file, 'the attribution']];

  const layers = Object.entries(stages).filter(([name, { shape }]) => name !== 'attribution' && shape.length === 4);
  const written: [string, string][] = [[file, `feature maps of ${shown.name === 'attribution' ? (layers.at(-1)?.[0] ?? 'the layer') : shown.name}`]];
  if (layers.length < 2 || layers.length > MAX_GRIDS) return written;
  for (const [name, maps] of layers) {
    const path = beside(name.replace(/[^\w.#-]/g, '_'));
    await writePng(path, renderAttribution('maps', maps, x, preprocess).picture);
    written.push([path, `feature maps of ${name}`]);
  }
  return written;
}
