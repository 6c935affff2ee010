export { readPicture } from './decode.js';
export { picturesOf } from './pictures.js';
export { writePng, writeWhole } from './png.js';
export { preprocessPicture } from './preprocess.js';
export { renderInput } from './render.js';
