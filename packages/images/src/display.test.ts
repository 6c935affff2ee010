/** The images show the numbers that PyTorch has for them: the stage `display` of its goldens. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CaseRow, parseJsonLines, readSafetensors } from '@touchstone/contract';
import { findMethod } from '@touchstone/methods';
import { describe, expect, it } from 'vitest';
import { renderGradient } from './render.js';

const golden = fileURLToPath(new URL('../../../golden', import.meta.url));
const rows = parseJsonLines(readFileSync(`${golden}/cases.jsonl`, 'utf8'), CaseRow, 'golden/cases.jsonl');
const shown = rows.filter(
  ({ id, params }) => params['display'] === true && existsSync(`${golden}/data/${id}.safetensors`),
);

it('every way to show a gradient has a golden', () => {
  expect(new Set(shown.map(({ method }) => findMethod(method).image))).toEqual(
    new Set(['gradient', 'guided', 'deconv']),
  );
});

describe.each(shown.map(({ id, method }) => [id, findMethod(method).image] as const))('%s', (id, style) => {
  it('is drawn with them, image by image', () => {
    const { tensors } = readSafetensors(readFileSync(`${golden}/data/${id}.safetensors`), id);
    const display = tensors['display']!;
    const [n, c, h, w] = display.shape as [number, number, number, number];
    for (let image = 0; image < n; image++) {
      const { width, rgb } = renderGradient(style as 'gradient', tensors['gradient'] ?? tensors['average']!, image);
      const factor = width / w;
      let furthest = 0;
      for (let i = 0; i < c * h * w; i++) {
        const [channel, y, x] = [Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w];
        const level = rgb[3 * (y * factor * width + x * factor) + channel]!;
        furthest = Math.max(
          furthest,
          Math.abs(level - 255 * Math.min(1, Math.max(0, display.data[image * c * h * w + i]!))),
        );
      }
      expect(furthest).toBeLessThanOrEqual(0.5 + 1e-9);
    }
  });
});
