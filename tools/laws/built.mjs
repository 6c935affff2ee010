/** What the scripts of this folder need of the build. */
export { findBackend } from '../../packages/backends/dist/index.js';
export { faults } from '../../packages/laws/dist/faults/faults.js';
export { holdTo } from '../../packages/laws/dist/hold.js';
export { laws } from '../../packages/laws/dist/laws.js';
export { ownSubject, rightMethods } from '../../packages/laws/dist/own-subject.js';
