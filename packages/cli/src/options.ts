import { fileURLToPath } from 'node:url';
import { TouchstoneError } from '@touchstone/contract';

/** The repository; this file is packages/cli/dist/options.js. */
export const repository = fileURLToPath(new URL('../../../', import.meta.url));
export const goldenDefault = fileURLToPath(new URL('../../../golden', import.meta.url));

/** For options that take several names: repeated, side by side, or with commas between. */
export function names(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, ...value.split(',').map((name) => name.trim()).filter((name) => name !== '')];
}

export function append(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** `["fraction=0.1", "layer=features.3"]` → `{ fraction: 0.1, layer: 'features.3' }`: a value is JSON if it parses, else text. */
export function parseSettings(settings: readonly string[]): Record<string, unknown> {
  const parsed = settings.map((setting): [string, unknown] => {
    const at = setting.indexOf('=');
    if (at < 1) throw new TouchstoneError('usage', `--set ${JSON.stringify(setting)} is not key=value`, 'For example --set reduce=none.');
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
