/** Signals × commands × moments. */
import { oneCase } from './assets.mjs';

/** What ends the command → the statuses that are right: its own, that of the signal, or 0 if it had ended before. */
const endings = {
  SIGINT: [130, 'SIGINT', 0],
  SIGTERM: [143, 'SIGTERM', 0],
  SIGHUP: [129, 'SIGHUP', 0],
  SIGKILL: ['SIGKILL', 0],
};

const iterated = ['class-visualization', '--network', 'tiny-vgg', '--target', '3', '--set', 'steps=3000'];
const commands = {
  verify: ['verify', '--profile', 'full', '--backend', 'cpu', '--report', 'results'],
  'verify --port': [
    'verify',
    '--case',
    oneCase,
    '--port',
    new URL('../ports/example-port.mjs', import.meta.url).pathname,
  ],
  explain: ['explain', oneCase, '--backend', 'cpu'],
  attribute: ['attribute', ...iterated, '--backend', 'wasm', '--frames', '0'],
  doctor: ['doctor'],
  bench: ['bench', 'saliency', '--backend', 'cpu', '--rows', 'rows.jsonl', '--no-python'],
};

/** When the signal is sent. */
const moments = {
  'at once': (child, send) => child.once('spawn', send),
  'at its first words': (child, send) => {
    child.stderr.once('data', send);
    child.stdout.once('data', send);
  },
  'after 2 s': (_, send) => setTimeout(send, 2000),
  twice: (child, send) => {
    child.stderr.once('data', () => {
      send();
      send();
    });
    setTimeout(send, 3000);
  },
};

/** @returns {import('./run-attack.mjs').Attack[]} */
export function signals() {
  return Object.entries(endings).flatMap(([signal, statuses]) =>
    Object.entries(moments)
      .filter(([moment]) => moment !== 'twice' || signal !== 'SIGKILL')
      .flatMap(([moment, when]) =>
        Object.entries(commands).map(([where, args]) => ({
          group: 'signals',
          what: `${signal} ${moment}`,
          where,
          args,
          statuses,
          during: (child) => when(child, () => child.kill(signal)),
        })),
      ),
  );
}
