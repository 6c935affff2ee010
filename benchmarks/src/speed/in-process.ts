import { fileURLToPath } from 'node:url';
import { ownMemory } from '@touchstone/session/child';
import { speedExtension } from './speed-extension.js';

/** The build makes it of page/page.ts. It is in dist also where this file runs from src. */
export const pageBundle = fileURLToPath(new URL('../../dist/page/bundle.js', import.meta.url));

/** The compiled program of a child process. */
export const childProgram = fileURLToPath(new URL('../../dist/speed/child.js', import.meta.url));

/** For a Node.js process. */
export const processExtension = speedExtension({
  memory: ownMemory,
  processorMilliseconds: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
});
