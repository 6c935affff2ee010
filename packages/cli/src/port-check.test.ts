import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { published, scratch } from './testing/touchstone.js';

const { folder } = scratch();
const examplePort = fileURLToPath(new URL('../../../tools/ports/example-port.mjs', import.meta.url));

it('a right port: every check passes, as JSON, status 0', async () => {
  const { status, stdout } = await inProcess(['port', 'check', '--port', examplePort, '--json']);
  expect(status).toBe(0);
  const checks = ['identity', 'zero', 'asymmetric', 'square', 'must differ'];
  expect(published('port-check', stdout)).toEqual({
    port: { name: 'example-port', version: '1.0.0' },
    rows: checks.map((check) => ({ method: 'saliency', check, status: 'agrees', reason: null })),
    faults: [],
    unexplained: [],
    unchecked: [],
  });
});

it('a port with rows and columns exchanged: says so, with the remedy, status 1', async () => {
  const wrong = join(folder, 'wrong.mjs');
  await writeFile(
    wrong,
    `import port from ${JSON.stringify(examplePort)};
    const saliency = async (job) => {
      const { attribution: { shape: [n, c, h, w], data } } = await port.methods.saliency(job);
      const from = (i) => (i % h) * w + (Math.floor(i / h) % w) + Math.floor(i / (h * w)) * h * w;
      const exchanged = data.map((_, i) => data[from(i)]);
      return { attribution: { shape: [n, c, h, w], data: exchanged } };
    };
    export default { name: 'wrong', version: '1', methods: { saliency, 't-sne': saliency, salency: saliency } };`,
  );
  const { status, stdout } = await inProcess(['port', 'check', '--port', wrong]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^saliency +✗ +✓ +✗ +✗ +✓$/m);
  expect(stdout).toMatch(
    /✗ saliency: rows and columns are exchanged, under the right shape\n {2}Give height before width/,
  );
  expect(stdout).toMatch(/✗ saliency, identity: stage "attribution": \d+ of 210 values differ/);
  expect(stdout).toMatch(/t-sne is not checked here: "touchstone verify" judges it/);
  expect(stdout).toMatch(/salency is not checked here: there is no such method; did you mean "saliency"\?/);
  expect(stdout).toMatch(/wrong 1: 2 of 5 checks passed, 3 failed, 0 not supported, 0 errored\n$/);
});

it('a port that answers nothing: status 4', async () => {
  const silent = join(folder, 'silent.mjs');
  await writeFile(
    silent,
    `const cam = () => { throw Object.assign(new Error('not yet'), { code: 'unsupported' }); };
    export default { name: 'silent', version: '1', methods: { cam } };`,
  );
  const { status, stdout } = await inProcess(['port', 'check', '--port', silent]);
  expect([status, stdout]).toEqual([4, expect.stringMatching(/– cam, identity: unsupported: not yet/)]);
  expect((await inProcess(['port', 'check'])).stderr).toMatch(/usage: required option "--port <port>" not specified/);
});
