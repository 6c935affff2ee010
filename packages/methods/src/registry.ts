/** Every method, one line each. */
import { unknownName } from '@touchstone/contract';
import { activations } from './activations/activations.js';
import { cam } from './cam/cam.js';
import { classVisualization } from './class-visualization/class-visualization.js';
import { deconv } from './deconv/deconv.js';
import { filterVisualization } from './filter-visualization/filter-visualization.js';
import { foolingImage } from './fooling-image/fooling-image.js';
import { gradCam } from './grad-cam/grad-cam.js';
import { guidedBackprop } from './guided-backprop/guided-backprop.js';
import { hooks } from './hooks/hooks.js';
import type { Method } from './core/method.js';
import { parameters } from './parameters/parameters.js';
import { saliency } from './saliency/saliency.js';
import { smoothGrad } from './smooth-grad/smooth-grad.js';
import { tsne } from './t-sne/t-sne.js';

export const methods: readonly Method[] = [
  saliency,
  smoothGrad,
  deconv,
  guidedBackprop,
  cam,
  gradCam,
  activations,
  parameters,
  tsne,
  foolingImage,
  classVisualization,
  filterVisualization,
  hooks,
];

/** @throws `unknown-name` with the nearest */
export function findMethod(id: string): Method {
  const method = methods.find((known) => known.id === id);
  if (!method)
    throw unknownName(
      'method',
      id,
      methods.map((known) => known.id),
    );
  return method;
}
