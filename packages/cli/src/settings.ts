import { parse, TouchstoneError, unknownName } from '@touchstone/contract';
import { parametersOf, type Method } from '@touchstone/methods';
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

/**
 * The parameters of each method, by its id: of the settings those that it has, by its own schema.
 *
 * @throws TouchstoneError `unknown-name` for a parameter that none has, `bad-params` for a value that none takes
 */
export function settingsOf(
  settings: readonly string[],
  methods: readonly Method[],
): Readonly<Record<string, Record<string, unknown>>> {
  const namesOf = new Map(methods.map((method) => [method, parametersOf(method).map(({ name }) => name)]));
  const of = (method: Method): string[] =>
    settings.filter((setting) => namesOf.get(method)!.includes(parseSetting(setting)[0]));
  const parsed = new Map(methods.map((method) => [method, parseSettings(of(method), method.params)]));
  for (const [key] of settings.map(parseSetting)) {
    const having = methods.filter((method) => namesOf.get(method)!.includes(key));
    if (having.length === 0) throw unknownName('parameter', key, [...new Set([...namesOf.values()].flat())]);
    if (having.every((method) => isAtFault(method.params, parsed.get(method), key)))
      parse(having[0]!.params, parsed.get(having[0]!), `the parameters (--set) of ${having[0]!.id}`, 'bad-params');
  }
  return Object.fromEntries([...parsed].map(([{ id }, params]) => [id, params]));
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
