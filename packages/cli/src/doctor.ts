import { doctor } from '@touchstone/harness';
import { coloursFor, formatTable } from '@touchstone/report';
import { untilInterrupted } from './interrupt.js';
import { print, printJson } from './output.js';

/** Exit status 4 when no backend at all is available. */
export async function runDoctor(json: boolean): Promise<void> {
  const found = await untilInterrupted((signal) => doctor(signal));
  if (json) printJson(found);
  else {
    const colours = coloursFor(process.stdout);
    const rows = found.backends.map(({ id, status, device, precision, reason }) => [
      { text: id },
      { text: status, colour: status === 'available' ? colours.green : colours.yellow },
      { text: precision ?? '–' },
      { text: device ?? reason ?? '' },
    ]);
    print(...formatTable(['backend', 'status', 'precision', 'device, or why not'], rows, colours));
  }
  if (found.backends.every(({ status }) => status === 'unavailable')) process.exitCode = 4;
}
