/** The tutorials do what they say: with TOUCHSTONE_FULL=1, because they take minutes. Needs a build. */
import { basename } from 'node:path';
import { test } from 'node:test';
import { isSkipped, pages, tryPage } from './try-tutorials.mjs';

const why = process.env.TOUCHSTONE_FULL ? false : 'takes minutes: TOUCHSTONE_FULL=1';
for (const page of pages()) test(basename(page), { skip: why || isSkipped(page) }, () => tryPage(page));
