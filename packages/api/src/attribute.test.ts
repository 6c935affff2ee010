import { readFileSync, readdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '@touchstone/cli';
import { afterAll, expect, it, vi } from 'vitest';
import { attribute, type AttributeOptions } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-figure-'));
afterAll(() => rmSync(folder, { recursive: true }));
const image = fileURLToPath(new URL('../../../golden/inputs/images/cat.png', import.meta.url));
const asked = { network: 'tiny-vgg', image, target: 5, backend: 'cpu' } as const satisfies AttributeOptions;

it('a figure has the bytes that the command writes, and nothing is written', async () => {
  const { figure } = await attribute('grad-cam', { ...asked, figure: { overlay: true } });
  expect(readdirSync(folder)).toEqual([]);
  const out = join(folder, 'figure.png');
  const options = ['--network', 'tiny-vgg', '--image', image, '--target', '5', '--backend', 'cpu', '--overlay'];
  const silent = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await main(['attribute', 'grad-cam', ...options, '--out', out]).finally(() => silent.mockRestore());
  expect(Buffer.from(figure!).equals(readFileSync(out))).toBe(true);
}, 30_000);

it.each<[string, AttributeOptions['figure'], RegExp]>([
  ['hooks', true, /hooks: its answer is no image/],
  ['filter-visualization', { overlay: true }, /figure\.overlay has no effect: filter-visualization gives no map/],
  ['saliency', { colourMap: 'viridi' as 'viridis' }, /unknown colour map "viridi"/],
  ['saliency', { percentile: 0 }, /percentile 0: must be/],
])('%s with the figure %j is refused before it runs', async (method, figure, message) => {
  await expect(attribute(method, { ...asked, figure })).rejects.toThrow(message);
});
