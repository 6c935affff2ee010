import { TouchstoneError } from '@touchstone/contract';
import type { z } from 'zod';

/**
 * `["fraction=0.1", "layer=features.3"]` → `{ fraction: 0.1, layer: 'features.3' }`: a value is JSON if it parses, else
 * text. Where the parameter takes only text, or lists of it, so is `layer=2`, the path of a module.
 */
export function parseSettings(settings: readonly string[], schema: z.ZodType): Record<string, unknown> {
  const texts = Object.fromEntries(settings.map(parseSetting));
  const values = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, jsonOrText(text)]));
  for (const [key, text] of Object.entries(texts)) {
    const value = values[key];
    const readings = [value, text, Array.isArray(value) ? value.map(String) : [text]];
    const fits = (reading: unknown): boolean => !isAtFault(schema, { ...values, [key]: reading }, key);
    values[key] = readings.find(fits) ?? value;
  }
  return values;
}

function parseSetting(setting: string): [key: string, text: string] {
  const at = setting.indexOf('=');
  if (at < 1)
    throw new TouchstoneError(
      'usage',
      `--set ${JSON.stringify(setting)}: must be key=value`,
      'Give a name and a value, for example --set reduce=none.',
    );
  return [setting.slice(0, at), setting.slice(at + 1)];
}

function isAtFault(schema: z.ZodType, values: unknown, key: string): boolean {
  return schema.safeParse(values).error?.issues.some(({ path }) => path[0] === key) ?? false;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
