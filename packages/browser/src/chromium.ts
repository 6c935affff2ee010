import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isProgram: (path: string) => boolean;
}

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge'];

/** Which only a clone of Touchstone has. */
const setUp = new URL('../../../tools/setup/browser.mjs', import.meta.url);

/** Relative to the folders of installed programs on Windows. */
const onWindows = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

const onMac = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);

/**
 * The browser to use: TOUCHSTONE_CHROMIUM, else Chromium or Chrome in their usual folders.
 * @throws TouchstoneError `backend-unavailable`
 */
export function findChromium({ platform, environment, isProgram }: Surroundings = thisMachine): string {
  const named = environment['TOUCHSTONE_CHROMIUM'];
  if (named) {
    if (isProgram(named)) return named;
    throw new TouchstoneError(
      'backend-unavailable',
      `TOUCHSTONE_CHROMIUM is "${named}", which is not an executable file`,
      'Set it to the executable of Chromium or Chrome.',
    );
  }
  const found = places(platform, environment).find(isProgram);
  if (found !== undefined) return found;
  throw new TouchstoneError(
    'backend-unavailable',
    'Chromium or Chrome was not found',
    existsSync(setUp)
      ? 'Run "npm run setup:browser", or set TOUCHSTONE_CHROMIUM to its executable.'
      : 'Install one of them, or set TOUCHSTONE_CHROMIUM to its executable.',
  );
}

function places(platform: NodeJS.Platform, environment: Surroundings['environment']): string[] {
  if (platform === 'win32') {
    const roots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => environment[name] ?? []);
    return roots.flatMap((root) => onWindows.map((path) => `${root}\\${path}`));
  }
  const onPath = (environment['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => names.map((name) => join(folder, name)));
  return [
    ...(platform === 'darwin' ? onMac : []),
    ...onPath,
    ...names.map((name) => join('/usr/bin', name)),
    '/opt/google/chrome/chrome',
    '/snap/bin/chromium',
  ];
}

const thisMachine: Surroundings = {
  platform: process.platform,
  environment: process.env,
  isProgram: (path) => {
    if (!existsSync(path)) return false;
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
};
