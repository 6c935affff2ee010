/** The tutorials do what they say: one of them, all with TOUCHSTONE_FULL=1 on a quiet machine. Needs a build. */
import { basename } from 'node:path';
import { test } from 'node:test';
import { isSkipped, pages, tryPage } from './try-tutorials.mjs';

const quick = 'is-my-grad-cam-right.md';
const chosen = pages().filter((page) => process.env.TOUCHSTONE_FULL || basename(page) === quick);

for (const page of chosen) test(basename(page), { skip: isSkipped(page) }, () => tryPage(page));
