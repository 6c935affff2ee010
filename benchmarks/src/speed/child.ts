/** The child process of the benchmarks: that of a session, which also answers speed questions. */
import { serveChild } from '@touchstone/session/child';
import { pageBundle, processExtension } from './in-process.js';

serveChild({ extension: processExtension, pageBundle });
