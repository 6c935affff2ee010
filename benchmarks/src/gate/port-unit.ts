/** `node port-unit.js METHOD PORT FOLDER GOLDEN`: the method's quick case by a port, in FOLDER. See serve-turns.ts. */
import { openPortTurns } from './port-turns.js';
import { serveTurns } from './serve-turns.js';

const [method = '', port = '', folder = '.', golden = ''] = process.argv.slice(2);
process.chdir(folder);
await serveTurns(() => openPortTurns(method, port, golden));
