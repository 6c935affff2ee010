import { fileURLToPath } from 'node:url';
import { TouchstoneError } from '@touchstone/contract';

/** The repository; this file is packages/cli/dist/options.js. */
export const repository = fileURLToPath(new URL('../../../', import.meta.url));
export const goldenDefault = fileURLToPath(new URL('../../../golden', import.meta.url));

/** For options that take several names: repeated, side by side, or with commas between. */
export function names(value: string, earlier: readonly string[] = []): string[] {
  return [
    ...earlier,
    ...value
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  ];
}

/** For one run of a case, in seconds. */
export const defaultDeadline = 120;

/** A duration, at most a day. */
export function seconds(value: string): number {
  const parsed = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
  if (parsed <= 0 || parsed > 86_400)
    throw new TouchstoneError(
      'usage',
      `${JSON.stringify(value.slice(0, 40))} is no number of seconds`,
      'For example --deadline 900.',
    );
  return parsed;
}

/** 0, 1, 2, … */
export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value))
    throw new TouchstoneError(
      'usage',
      `${JSON.stringify(value.slice(0, 40))} is no whole number`,
      'For example --frames 10.',
    );
  return Number(value);
}

export function append(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** `["fraction=0.1", "layer=features.3"]` → `{ fraction: 0.1, layer: 'features.3' }`: a value is JSON if it parses, else text. */
export function parseSettings(settings: readonly string[]): Record<string, unknown> {
  const parsed = settings.map((setting): [string, unknown] => {
    const at = setting.indexOf('=');
    if (at < 1)
      throw new TouchstoneError(
        'usage',
        `--set ${JSON.stringify(setting)} is not key=value`,
        'For example --set reduce=none.',
      );
    return [setting.slice(0, at), jsonOrText(setting.slice(at + 1))];
  });
  return Object.fromEntries(parsed);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
