/** Each tutorial does what it says. Needs a build. */
import { basename } from 'node:path';
import { test } from 'node:test';
import { isSkipped, pages, tryPage } from './try-tutorials.mjs';

for (const page of pages()) test(basename(page), { skip: isSkipped(page) }, () => tryPage(page));
