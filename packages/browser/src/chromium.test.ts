import { expect, it } from 'vitest';
import { findChromium } from './chromium.js';

const on =
  (platform: NodeJS.Platform, environment: Record<string, string>, ...programs: string[]) =>
  () =>
    findChromium({ platform, environment, isProgram: (path) => programs.includes(path) });

it.each([
  [
    'what TOUCHSTONE_CHROMIUM names',
    on('linux', { TOUCHSTONE_CHROMIUM: '/opt/own', PATH: '/usr/bin' }, '/opt/own', '/usr/bin/chromium'),
    '/opt/own',
  ],
  [
    'Chromium on the path before Chrome',
    on('linux', { PATH: '/a:/b' }, '/b/chromium', '/b/google-chrome'),
    '/b/chromium',
  ],
  [
    'Chrome where its package puts it',
    on('linux', { PATH: '' }, '/opt/google/chrome/chrome'),
    '/opt/google/chrome/chrome',
  ],
  [
    'Chrome on a Mac',
    on('darwin', { PATH: '/bin' }, '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  [
    'Edge on Windows',
    on('win32', { 'PROGRAMFILES(X86)': 'C:\\P' }, 'C:\\P\\Microsoft\\Edge\\Application\\msedge.exe'),
    'C:\\P\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
])('finds %s', (_, find, path) => expect(find()).toBe(path));

it.each([
  ['nothing', on('linux', { PATH: '/bin' }), /Chromium or Chrome was not found/, /npm run setup:browser/],
  [
    'a path that is not a program',
    on('linux', { TOUCHSTONE_CHROMIUM: '/nowhere', PATH: '/b' }, '/b/chromium'),
    /"\/nowhere", which is not an executable file/,
    /executable of Chromium/,
  ],
])('%s is unavailable, with a hint', (_, find, message, hint) => {
  expect(find).toThrow(
    expect.objectContaining({
      code: 'backend-unavailable',
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    }),
  );
});
