import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The repository's root, with a separator at the end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs a program in the repository's root with this terminal, and hands on Ctrl-C and termination. Gives its exit
 * status, or 128 + the signal that ended it; 127 where it cannot be started.
 * @param {string} program @param {readonly string[]} args @param {NodeJS.ProcessEnv} [environment] added to this
 * process's own
 * @returns {Promise<number>}
 */
export function run(program, args, environment = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });
    // A terminal sends Ctrl-C to the whole group, so the child has it already; this process only waits for it.
    const interrupt = () => process.stdin.isTTY || child.kill('SIGINT');
    const terminate = () => child.kill('SIGTERM');
    process.on('SIGINT', interrupt).on('SIGTERM', terminate);
    const finish = (status) => {
      process.off('SIGINT', interrupt).off('SIGTERM', terminate);
      resolve(status);
    };
    child.on('error', () => finish(127));
    child.on('exit', (code, signal) => finish(code ?? 128 + constants.signals[signal]));
  });
}

/**
 * Runs an Nx command without daemon or terminal interface: two tasks at a time, the output of failures only.
 * @param {readonly string[]} args
 */
export function nx(...args) {
  const options = ['--parallel=2', '--outputStyle=static-failures-only'];
  return run(process.execPath, ['node_modules/nx/dist/bin/nx.js', ...args, ...options], {
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    NX_NO_CLOUD: 'true',
  });
}
