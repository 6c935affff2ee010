import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { counted, plainText, TouchstoneError } from '@touchstone/contract';
import { openGolden, verifyGolden } from '@touchstone/harness';
import { coloursFor } from '@touchstone/report';
import { goldenPackages, pythonHint, pythonPath, whichPython } from '@touchstone/system';
import { printAs } from './json-outputs.js';
import { print } from './output.js';
import { repository, requireClone } from './options.js';

const MAX_FINDINGS = 20;

/** Exit status 5 when anything differs from the manifest. */
export function checkGolden({ json = false, golden }: { json?: boolean; golden: string }): void {
  const findings = [...verifyGolden(golden)];
  if (findings.length > 0) process.exitCode = 5;
  if (json) return printAs('golden-verify', { golden, findings });
  const colours = coloursFor(process.stdout);
  if (findings.length === 0) {
    const store = openGolden(golden);
    const { cases, manifest } = store;
    const files = Object.keys(manifest.files).filter((path) => store.holds(path)).length;
    const held = cases.filter((row) => store.holdsCase(row)).length;
    print(colours.green(`${counted(files, 'file')} and ${counted(held, 'case')} match the manifest`));
    if (held < cases.length)
      print(`${counted(cases.length - held, 'case')} not installed: ${goldenPackages.full} has all`);
    return;
  }
  print(
    ...findings
      .slice(0, MAX_FINDINGS)
      .map(({ where, problem }) => `${colours.red('✗')} ${plainText(where)}: ${plainText(problem)}`),
  );
  if (findings.length > MAX_FINDINGS) print(`… and ${findings.length - MAX_FINDINGS} more`);
  print('', colours.red(`golden/ is damaged: ${counted(findings.length, 'finding')}`));
}

/** Runs `python -m touchstone_golden`, whose exit status becomes ours. */
export async function makeGolden(
  command: 'regen' | 'accept',
  rest: readonly string[],
  { python: named, golden }: { python?: string; golden: string },
): Promise<void> {
  requireClone(`touchstone golden ${command}`);
  const python = whichPython(named);
  const env = { ...process.env, ...pythonPath(join(repository, 'tools', 'golden')) };
  const probe = spawnSync(python, ['-c', 'import torch, safetensors'], { env, encoding: 'utf8' });
  if (probe.error)
    throw new TouchstoneError('usage', `${python} cannot be started: ${probe.error.message}`, pythonHint);
  if (probe.status !== 0)
    throw new TouchstoneError(
      'usage',
      `${python} cannot make goldens: ${probe.stderr.trim().split('\n').at(-1) ?? ''}`,
      pythonHint,
    );
  const child = spawn(python, ['-m', 'touchstone_golden', command, '--golden', golden, ...rest], {
    env,
    stdio: 'inherit',
  });
  // Ctrl-C also reaches the child; we only wait for it. SIGTERM reaches us alone.
  const wait = (): void => undefined;
  const stop = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', wait);
  process.on('SIGTERM', stop);
  try {
    process.exitCode = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, signal) =>
        resolve(signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : (status ?? 4)),
      );
    });
  } finally {
    process.off('SIGINT', wait);
    process.off('SIGTERM', stop);
  }
}
