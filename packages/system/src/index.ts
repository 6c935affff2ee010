export { type ChildProgram, ChildServer } from './child-server.js';
export { endWithParent } from './end-with-parent.js';
export { below, checkFile, maxBytes, readBounded, readText, sha256, writeWhole } from './files.js';
export { machine } from './machine.js';
export { pythonHint, pythonPath, whichPython } from './python.js';
