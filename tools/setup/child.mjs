import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The repository's root, with a separator at the end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs a program in the repository's root with this terminal, and passes on Ctrl-C and termination.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ environment?: NodeJS.ProcessEnv, quiet?: boolean }} [options] `environment` is added to this process's own;
 *   `quiet` shows the output only where the program fails
 * @returns {Promise<number>} its exit status, 128 + the signal that ended it, or 127 where it cannot be started
 */
export function run(program, args, { environment = {}, quiet = false } = {}) {
  return new Promise((resolve) => {
    const env = { ...process.env, ...environment };
    const child = spawn(program, args, { cwd: root, stdio: quiet ? ['inherit', 'pipe', 'pipe'] : 'inherit', env });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => output.push(part));
    // A terminal sends Ctrl-C to the whole group, so the child has it already; this process only waits for it.
    const interrupt = () => process.stdin.isTTY || child.kill('SIGINT');
    const terminate = () => child.kill('SIGTERM');
    process.on('SIGINT', interrupt).on('SIGTERM', terminate);
    const finish = (status) => {
      process.off('SIGINT', interrupt).off('SIGTERM', terminate);
      if (status !== 0) process.stderr.write(Buffer.concat(output));
      resolve(status);
    };
    child.on('error', () => finish(127));
    child.on('close', (code, signal) => {
      // What the system kills, as when memory runs out, cannot say so itself.
      if (signal === 'SIGKILL') process.stderr.write(`${[program, ...args].join(' ')} was ended by ${signal}\n`);
      finish(code ?? 128 + constants.signals[signal]);
    });
  });
}

/**
 * Runs an Nx command without daemon or terminal interface: two tasks at a time, the output of failures only.
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean }} [options] as of `run`
 */
export function nx(args, { quiet = false } = {}) {
  const options = ['--parallel=2', '--outputStyle=static-failures-only'];
  return run(process.execPath, ['node_modules/nx/dist/bin/nx.js', ...args, ...options], {
    environment: { NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' },
    quiet,
  });
}
