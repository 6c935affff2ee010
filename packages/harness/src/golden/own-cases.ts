/** Cases on a network and images of the user's own. */
import {
  TouchstoneError,
  type CaseRow,
  type HostTensor,
  type NetworkDescription,
  type Target,
} from '@touchstone/contract';
import { findMethod, normalNumbers, type AskedTarget, type Method } from '@touchstone/methods';
import type { ExplainRequest } from '@touchstone/session';

/** What is asked of each image. */
export interface Asked {
  readonly target: AskedTarget;
  /** By the id of the method. */
  readonly params: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a case of a method on a network of the user's own is called. */
export type OwnCase = Pick<CaseRow, 'id' | 'method' | 'network'>;

/** A method that has no answer on this network. */
export interface NotMade extends OwnCase {
  readonly reason: string;
}

/** Few, so that float64 takes seconds. */
const samples = 8;

/** @param input the name of the image; left out: it is the only one */
export function ownCase({ id: method }: Method, description: NetworkDescription, input = 'x'): OwnCase {
  const network = fileName(description.name, 'network');
  return { id: `${method}/${network}/${input}`, method, network };
}

export function requestOf(
  method: Method,
  networkFolder: string,
  { x, target, params }: Asked & { readonly x: HostTensor },
): ExplainRequest {
  return {
    method: method.id,
    networkFolder,
    x,
    target,
    params: paramsOf(method, params),
    fixtures: drawnFor(method, x),
    maxValues: Infinity,
  };
}

export function rowOf(own: OwnCase, input: string, target: Target, params: CaseRow['params']): CaseRow {
  return {
    ...own,
    input,
    target,
    params,
    profile: 'quick',
    sampled: false,
    about: [],
    why: 'a network of your own, judged with a golden made in float64',
  };
}

/** Methods whose answer on one image can be judged number by number. @param ids undefined: all */
export function ownMethods(all: readonly Method[], ids: readonly string[] | undefined): Method[] {
  const isPossible = ({ iterated, fixtures }: Method): boolean =>
    !iterated && fixtures.every((name) => name === 'noise');
  if (ids === undefined) return all.filter((method) => isPossible(method) && method.image !== null);
  return [...new Set(ids)].map((id) => {
    const method = findMethod(id);
    if (isPossible(method)) return method;
    throw new TouchstoneError(
      'usage',
      `${id} cannot be judged on a network of your own: its answer is not compared number by number`,
      'Judge it on the networks of golden/, without images of your own.',
    );
  });
}

/** With the samples that `drawnFor` draws. */
export function paramsOf({ id, fixtures }: Method, params: Asked['params']): Record<string, unknown> {
  return { ...(fixtures.includes('noise') && { samples }), ...params[id] };
}

function drawnFor({ fixtures }: Method, { shape, data }: HostTensor): Record<string, HostTensor> {
  if (!fixtures.includes('noise')) return {};
  return { noise: { shape: [samples, ...shape], data: normalNumbers(samples * data.length, 0, 0) } };
}

/** A name as files and cases may have it. @param otherwise where nothing of it is left */
export function fileName(name: string, otherwise: string): string {
  return (
    name
      .replaceAll(/[^\w.-]+/g, '-')
      .replace(/^[.-]+/, '')
      .slice(0, 60) || otherwise
  );
}
