export { appendLine } from './append-line.js';
export { below, realBelow } from './below.js';
export { type ChildProgram, ChildServer } from './child-server.js';
export { endWithParent } from './end-with-parent.js';
export { machine } from './machine.js';
export { pythonHint, pythonPath, whichPython } from './python.js';
export { checkFile, maxBytes, openBounded, readBounded, readText } from './read.js';
export { sha256 } from './sha256.js';
export { about, checkWritable, makeFolder, writeWhole } from './write.js';
