import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';
import { expect, it } from 'vitest';
import { ReportFolder } from './report-folder.js';
import { formatsOfRun } from './result-formats.js';
import { RunFiles } from './run-files.js';
import { scratch } from './testing/touchstone.js';

const { folder } = scratch();
const header = '{"kind":"header","version":2,"touchstone":"0.1.0"}\n';
const page = '<!doctype html>\n<meta name="generator" content="Touchstone" />\n';
const refused = new TouchstoneError('bad-input', 'of another run');
const broken = new TouchstoneError('process-crashed', 'gone');

it.each<[string, boolean, (files: RunFiles) => void, string[]]>([
  ['that begins: nothing of an earlier one', false, (files) => files.begin(), []],
  ['that resumes: all, as long as it may be refused', true, (files) => files.begin(), ['all']],
  ['that resumes and is refused: all', true, (files) => (files.begin(), files.fail(refused)), ['all']],
  ['that is refused: all', false, (files) => files.fail(refused), ['all']],
  ['that resumes: the results only', true, (files) => (files.begin(), files.start()), ['results.ndjson']],
  ['that resumes and breaks: the results only', true, (files) => files.fail(broken), ['results.ndjson']],
])('of a run %s', (name, resumes, work, left) => {
  const report = join(folder, name);
  mkdirSync(report);
  const texts = { 'index.html': page, 'junit.xml': '', 'lines.ndjson': header, 'results.ndjson': header };
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(report, file), text);
  const formats = formatsOfRun({ junit: join(report, 'junit.xml') }, {});
  const files = new RunFiles(new ReportFolder(report), formats, { resumes, lines: join(report, 'lines.ndjson') });
  work(files);
  files.release();
  expect(readdirSync(report)).toEqual(left[0] === 'all' ? Object.keys(texts) : left);
});

it('a folder that is not there is not made by a run that breaks', () => {
  const report = join(folder, 'none');
  new RunFiles(new ReportFolder(report), formatsOfRun({}, {})).fail(broken);
  expect(readdirSync(folder)).not.toContain('none');
});
