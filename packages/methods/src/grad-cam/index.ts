export { gradCam as method } from './grad-cam.js';
export { gradCamMutants as mutants } from './mutants.js';
