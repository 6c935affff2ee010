import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isProgram: (path: string) => boolean;
}

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge'];

/** Below the folders where Windows keeps programs. */
const onWindows = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

const onMac = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);

/**
 * The browser to use: what TOUCHSTONE_CHROMIUM names, else a Chromium or Chrome where its installers put it.
 * @throws TouchstoneError `backend-unavailable`
 */
export function findChromium({ platform, environment, isProgram }: Surroundings = thisMachine): string {
  const named = environment['TOUCHSTONE_CHROMIUM'];
  if (named) {
    if (isProgram(named)) return named;
    throw new TouchstoneError(
      'backend-unavailable',
      `TOUCHSTONE_CHROMIUM is "${named}", which is no program`,
      'let it name the executable of a Chromium or Chrome',
    );
  }
  const found = places(platform, environment).find(isProgram);
  if (found !== undefined) return found;
  throw new TouchstoneError(
    'backend-unavailable',
    'there is no Chromium or Chrome here',
    'npm run setup:browser installs one where it may; TOUCHSTONE_CHROMIUM names one that lies elsewhere',
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
