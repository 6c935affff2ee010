/** The child process of the benchmarks: a session's, which also answers how long things take. */
import { serveChild } from '@touchstone/session/child';
import { pageBundle, processExtension } from './in-process.js';

serveChild({ extension: processExtension, pageBundle });
