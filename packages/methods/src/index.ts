export { checkPostconditions, explain, type Explained, type Explanation, type ExplainOptions } from './core/explain.js';
export { gradCamFrom } from './grad-cam/grad-cam.js';
export { guidedBackpropFrom } from './guided-backprop/guided-backprop.js';
export { displayFormulas, type DisplayFormula } from './steps/display.js';
export { inputGradient } from './steps/input-gradient.js';
export { nearSwitchPoints, type NearUnits } from './core/near-switch-points.js';
export type { SwitchPointDifference, SwitchPoints } from './core/switch-points.js';
export type {
  Declarations,
  Postcondition,
  RunControl,
  Method,
  MethodJob,
  ImageStyle,
  Progress,
} from './core/method.js';
export { ignoredReduce } from './causes/reductions.js';
export type { Reduce } from './steps/reduce.js';
export { CauseSearch, type Cause, type CauseOptions, type WrongAnswer } from './causes/cause-of.js';
export { stageInPlace } from './causes/stages-in-place.js';
export type { Mutant, Remedy } from './core/mutant.js';

export { parametersOf, type Parameter } from './core/parameters-of.js';
export { nameModules } from './core/name-modules.js';
export { noteOn } from './core/other-activations.js';
export { findMethod, methods, mutants } from './registry.js';
export { saliencyFrom } from './saliency/saliency.js';
export type { SketchProbe } from './core/sketch.js';
export { normalNumbers } from './smooth-grad/normal-numbers.js';
export { samplesPerPass } from './smooth-grad/samples-per-pass.js';
export { smoothGradFrom } from './smooth-grad/smooth-grad.js';
export { tsneFrom } from './t-sne/t-sne.js';
export { asIs, isMap, mapCalls } from './core/feature-maps.js';
export { lastMapOf } from './core/layer.js';
export { noLikeliest, wantedOf, type AskedTarget } from './core/target.js';
export type { WorkItem, WorkerPool } from './core/worker-pool.js';
