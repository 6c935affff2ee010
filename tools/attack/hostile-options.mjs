/** Hostile values × options, and combinations that contradict each other. */
import { input, network, oneCase } from './assets.mjs';

const values = {
  'an empty value': '',
  'a name of all objects': '__proto__',
  'another name of all objects': 'constructor',
  'a name of 100,000 characters': 'x'.repeat(100_000),
  'escape sequences': '\u001b[2J\u0007\u202e',
  'a path that leaves its folder': '../../../../etc/passwd',
  'a pattern of 2,000 stars': '*a'.repeat(2000),
};

/** Option → a command in which it is the last word. */
const options = {
  'verify --method': ['verify', '--method'],
  'verify --network': ['verify', '--network'],
  'verify --case': ['verify', '--case'],
  'verify --backend': ['verify', '--backend'],
  'verify --require': ['verify', '--case', oneCase, '--require'],
  'verify --shard': ['verify', '--shard'],
  'verify --port': ['verify', '--case', oneCase, '--port'],
  'explain CASE': ['explain'],
  'attribute METHOD': ['attribute', '--network', 'tiny-vgg', '--input', input],
  'attribute --network': ['attribute', 'saliency', '--input', input, '--network'],
  'attribute --target': ['attribute', 'saliency', '--network', network, '--input', input, '--target'],
  'attribute --set': ['attribute', 'saliency', '--network', network, '--input', input, '--set'],
  'bench NAME': ['bench'],
  'gate --base': ['gate', '--base'],
  'list --cases': ['list', '--cases'],
};

/** Command lines that contradict themselves or make no sense. */
const contradictions = [
  'verify --export a --json b',
  'verify --export a --port b',
  'verify --outputs a --port b',
  'verify --backend cpu --port b',
  'verify --partial',
  'verify --shard 0/0',
  'verify --shard 2/1',
  'verify --deadline 1e99',
  'verify --deadline -1',
  `attribute saliency --network tiny-vgg --input ${input} --workers 99999`,
  `attribute saliency --network tiny-vgg --input ${input} --target -1`,
  `attribute saliency --network tiny-vgg --input ${input} --input ${input}`,
  'bench --from a --plot b --rounds 3',
  'bench --rounds 0',
  'fuzz hooks --runs 0',
  'fuzz hooks --path 1:2',
  'list --cases --json',
  'doctor --accept',
  'gate',
];

/** @returns {import('./run-attack.mjs').Attack[]} */
export function hostileOptions() {
  const given = Object.entries(options).flatMap(([where, args]) =>
    Object.entries(values).map(([what, value]) => ({
      group: 'options',
      what,
      where,
      args: [...args, value],
      // A file that is there and is no port is the port's fault.
      statuses: where === 'verify --port' ? [64, 4] : [64],
    })),
  );
  const contradicting = contradictions.map((line) => ({
    group: 'options',
    what: 'a contradiction',
    where: line.replaceAll(input, 'x.safetensors'),
    args: line.split(' '),
    statuses: [64],
  }));
  return [...given, ...contradicting];
}
