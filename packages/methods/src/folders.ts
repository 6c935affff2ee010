/** Written by `npm run generate -w packages/methods` from the names of the folders; not to be edited. */
import * as activations from './activations/index.js';
import * as cam from './cam/index.js';
import * as classVisualization from './class-visualization/index.js';
import * as deconv from './deconv/index.js';
import * as filterVisualization from './filter-visualization/index.js';
import * as foolingImage from './fooling-image/index.js';
import * as gradCam from './grad-cam/index.js';
import * as guidedBackprop from './guided-backprop/index.js';
import * as hiresCam from './hires-cam/index.js';
import * as hooks from './hooks/index.js';
import * as parameters from './parameters/index.js';
import * as saliency from './saliency/index.js';
import * as smoothGrad from './smooth-grad/index.js';
import * as tSne from './t-sne/index.js';

export const folders = [
  activations,
  cam,
  classVisualization,
  deconv,
  filterVisualization,
  foolingImage,
  gradCam,
  guidedBackprop,
  hiresCam,
  hooks,
  parameters,
  saliency,
  smoothGrad,
  tSne,
] as const;
