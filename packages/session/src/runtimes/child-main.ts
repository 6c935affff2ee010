/** The verifier's child process. */
import { serveChild } from './child-program.js';

serveChild();
