/** `verify` on a network and an image of the user's own: its goldens are made first. */
import { plainText, TouchstoneError } from '@touchstone/contract';
import {
  openGolden,
  ownCase,
  ownMethods,
  portMethods,
  writeMadeGoldens,
  type GoldenStore,
  type NotMade,
  type OwnCase,
} from '@touchstone/harness';
import { methods, type Method } from '@touchstone/methods';
import { listed } from '@touchstone/report';
import { TemporaryFolder } from '@touchstone/system';
import { readAsked, type AskedOptions } from './asked.js';
import { untilInterrupted } from './interrupt.js';
import { openNetwork } from './open-network.js';
import { note } from './output.js';
import { settingsOf } from './settings.js';
import { showSteps } from './steps.js';

export interface OwnOptions extends Omit<AskedOptions, 'network'> {
  readonly network?: string[];
  readonly images?: string;
  readonly method?: string[];
  readonly port?: string;
  readonly set?: string[];
  /** In seconds. */
  readonly deadline: number;
}

/**
 * Runs `work` with goldens for the network and the image, which are removed after it, and with the cases of methods
 * that were named and that have no answer there, or that the port lacks. @param begin called once the options are
 * checked
 */
export async function withOwnGolden(
  options: OwnOptions,
  begin: () => void,
  work: (golden: GoldenStore, lacking: readonly (OwnCase | NotMade)[]) => Promise<void>,
): Promise<void> {
  const network = openNetwork(oneNetwork(options, '--image and --input need'), options.golden);
  const { description } = network;
  const all = ownMethods(methods, options.method);
  // The target is that of all methods which have one.
  const first = all.find(({ without }) => !without?.includes('target')) ?? all[0]!;
  const { target, input } = await readAsked({ ...first, fixtures: [] }, description, options);
  const params = settingsOf(options.set ?? [], all);
  sayWhichHave(params, all);
  begin();
  const { asked, lacking } = await splitByPort(all, options);
  const folder = new TemporaryFolder('touchstone-golden-');
  const root = folder.path;
  try {
    const steps = showSteps();
    const notMade = await untilInterrupted((signal) =>
      writeMadeGoldens(
        root,
        { network, x: input.x, target, methods: asked, params },
        {
          deadlineMs: 1000 * options.deadline,
          signal,
          onStep: (step, done, total) => steps.begin(step, done, total),
        },
      ),
    ).finally(() => steps.end());
    for (const { method, reason } of notMade) note(`${method} is not judged: ${plainText(reason)}`);
    await work(openGolden(root), [
      ...(options.method === undefined ? [] : notMade),
      ...lacking.map((method) => ownCase(method, description)),
    ]);
  } finally {
    folder.remove();
  }
}

/** @param what needs it @throws TouchstoneError `usage` for none or several */
export function oneNetwork({ network = [] }: Pick<OwnOptions, 'network'>, what: string): string {
  const [name, ...others] = network;
  if (name !== undefined && others.length === 0) return name;
  throw new TouchstoneError(
    'usage',
    `${what} one --network; ${name === undefined ? 'none' : network.length} is given`,
    'Name the network, or the folder with it, that explains the image.',
  );
}

/** Of each parameter that not all methods have. */
export function sayWhichHave(params: ReturnType<typeof settingsOf>, all: readonly Method[]): void {
  for (const name of new Set(Object.values(params).flatMap(Object.keys))) {
    const having = all.filter(({ id }) => Object.hasOwn(params[id]!, name));
    if (having.length < all.length) note(`--set ${name} is for ${listed(having.map(({ id }) => id))}`);
  }
}

/**
 * The methods that are judged; of those that were named, what the port lacks is apart, because its goldens would be
 * made for nothing.
 */
export async function splitByPort(
  all: readonly Method[],
  { method: named, port, deadline }: OwnOptions,
): Promise<Record<'asked' | 'lacking', Method[]>> {
  if (port === undefined) return { asked: [...all], lacking: [] };
  const has = await untilInterrupted((signal) => portMethods(port, { deadlineMs: 1000 * deadline, signal }));
  const asked = all.filter(({ id }) => has?.includes(id) ?? true);
  const lacking = named === undefined ? [] : all.filter((method) => !asked.includes(method));
  if (asked.length > 0) return { asked, lacking };
  throw new TouchstoneError(
    'unsupported',
    `nothing is judged: the port has ${has!.map((id) => `"${plainText(id, 100)}"`).join(', ') || 'no method'}`,
    `Give the port one of ${all.map(({ id }) => id).join(', ')}, which can be judged on a network of your own.`,
  );
}
