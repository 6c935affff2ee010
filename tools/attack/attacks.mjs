import { hostileContent } from './hostile-content.mjs';
import { hostileFiles } from './hostile-files.mjs';
import { hostileMachine } from './hostile-machine.mjs';
import { hostileOptions } from './hostile-options.mjs';
import { hostilePorts } from './hostile-ports.mjs';
import { signals } from './signals.mjs';

/** Every attack, in the order of the table. @returns {import('./run-attack.mjs').Attack[]} */
export function allAttacks() {
  return [hostileFiles, hostileContent, hostileOptions, hostilePorts, signals, hostileMachine].flatMap((make) =>
    make(),
  );
}
