/** `node unit.js METHOD BACKEND`: the method's quick case on one of our backends. See serve-turns.ts. */
import { serveTurns } from './serve-turns.js';
import { openTurns } from './turns.js';

const [method = '', backend = ''] = process.argv.slice(2);
await serveTurns(() => openTurns(method, backend));
