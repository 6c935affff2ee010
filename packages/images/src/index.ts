export { renderCompared, type ComparedImage } from './compared.js';
export { readImage } from './decode.js';
export { imagesOf, suffixesOf } from './shown-images.js';
export { writePng } from './png.js';
export { preprocessImage } from './preprocess.js';
export { renderInput } from './render.js';
export { stagesDrawn } from './stages-drawn.js';
