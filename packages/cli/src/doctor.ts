import { TouchstoneError } from '@touchstone/contract';
import { acceptStock, doctor, probeBackends, probingToJson } from '@touchstone/harness';
import { coloursFor, formatTable } from '@touchstone/report';
import { untilInterrupted } from './interrupt.js';
import { printAs } from './json-outputs.js';
import { note, print } from './output.js';
import { lackingPackages, type LackingPackage } from './optional-packages.js';
import { describeProbing, isSound } from './probe-table.js';

export interface DoctorOptions {
  readonly json?: boolean;
  readonly probes?: boolean;
  readonly accept?: boolean;
  readonly golden: string;
}

/** Exit status 4 when no backend at all is available. */
export async function runDoctor({
  json = false,
  probes = false,
  accept = false,
  golden,
}: DoctorOptions): Promise<void> {
  if (accept && !probes)
    throw new TouchstoneError(
      'usage',
      '--accept stores the answers to the probes, so it needs --probes',
      'Run touchstone doctor --probes --accept.',
    );
  if (probes) return runProbes(golden, { json, accept });
  const found = await untilInterrupted((signal) => doctor(signal));
  const lacking = lackingPackages();
  if (json) printAs('doctor', { ...found, notInstalled: lacking });
  else {
    const colours = coloursFor(process.stdout);
    const rows = found.backends.map(({ id, status, device, precision, softwareRenderer, reason }) => [
      { text: id },
      { text: status, colour: status === 'available' ? colours.green : colours.yellow },
      { text: precision ?? '–' },
      { text: device === null ? (reason ?? '') : softwareRenderer ? `${device} (software renderer)` : device },
    ]);
    print(
      ...formatTable(['backend', 'status', 'precision', 'device, or reason'], rows, colours, process.stdout.columns),
    );
    if (lacking.length > 0) {
      const rowOf = (each: LackingPackage) => [each.name, each.for, each.install].map((text) => ({ text }));
      const heads = ['not installed', 'for', 'to install it'];
      print('', ...formatTable(heads, lacking.map(rowOf), colours, process.stdout.columns));
    }
  }
  if (found.backends.every(({ status }) => status === 'unavailable')) process.exitCode = 4;
}

/** Exit status 1 where our answer differs from PyTorch's, or TF.js's from the known one; 4 as above. */
async function runProbes(golden: string, { json, accept }: { json: boolean; accept: boolean }): Promise<void> {
  const ask = () => untilInterrupted((signal) => probeBackends(golden, { signal }));
  let probing = await ask();
  if (accept) {
    acceptStock(golden, probing);
    note(`stored in ${golden}/stock-tfjs.json; probing once more`);
    probing = await ask();
  }
  if (json) printAs('doctor-probes', probingToJson(probing));
  else print(...describeProbing(probing, coloursFor(process.stdout), process.stdout.columns));
  if (probing.backends.every(({ reason }) => reason !== null)) process.exitCode = 4;
  else if (!isSound(probing)) process.exitCode = 1;
}
