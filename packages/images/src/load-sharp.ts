import type { SharpConstructor } from 'sharp';
import { loadOptional } from '@touchstone/contract';

/** On demand: only images need it. @throws TouchstoneError `missing-package` */
export async function loadSharp(): Promise<SharpConstructor> {
  return (await loadOptional('sharp', () => import('sharp'))).default;
}
