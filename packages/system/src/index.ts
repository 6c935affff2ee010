export { below, checkFile, maxBytes, readBounded, readText, sha256, writeWhole } from './files.js';
export { machine } from './machine.js';
