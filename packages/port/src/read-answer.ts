import {
  messageOf,
  parse,
  StageTensors,
  TouchstoneError,
  valuesIn,
  type HostTensor,
  type Stages,
} from '@touchstone/contract';
import { fromPortLayout } from './layout.js';
import type { Layout } from './port.js';

/**
 * A port's answer as stages. Plain arrays of numbers are taken too, and tensors of TensorFlow.js, which are disposed.
 * Reading runs the port's code, where a field is a getter.
 *
 * @throws TouchstoneError `port-error`
 */
export async function readAnswer(answer: unknown, maxValues: number, layout: Layout): Promise<Stages> {
  try {
    const stages = parse(StageTensors, await valuesOf(answer, maxValues), "the port's answer", 'port-error');
    const ours = (tensor: HostTensor): HostTensor => fromPortLayout(tensor, layout);
    return Object.fromEntries(Object.entries(stages).map(([name, tensor]) => [name, ours(tensor)]));
  } catch (error) {
    if (error instanceof TouchstoneError) throw error;
    throw new TouchstoneError('port-error', `the port's answer cannot be read: ${messageOf(error)}`);
  }
}

async function valuesOf(answer: unknown, maxValues: number): Promise<Record<string, unknown>> {
  if (typeof answer !== 'object' || answer === null)
    throw new TouchstoneError(
      'port-error',
      'the port returned no object of stages',
      'Return { attribution: { data, shape } }.',
    );
  let values = 0;
  const stages: Record<string, unknown> = {};
  const read = new Set<OwnTensor>(); // a tensor may be several stages
  for (const [name, tensor] of Object.entries(answer)) {
    if (tensor === undefined) continue;
    const { data, shape } = (tensor ?? {}) as { data?: unknown; shape?: unknown };
    values += lengthOf(data, shape);
    if (values > maxValues)
      throw new TouchstoneError(
        'port-error',
        `the port returned ${values} values or more; at most ${maxValues} are accepted for this case`,
      );
    if (typeof data === 'function') read.add(tensor as OwnTensor);
    stages[name] = { shape, data: typeof data === 'function' ? await tensorData(tensor as OwnTensor) : plain(data) };
  }
  for (const tensor of read) tensor.dispose?.();
  return stages;
}

/** A tf.Tensor, of whichever copy of TensorFlow.js. */
interface OwnTensor {
  data(): Promise<ArrayLike<number>>;
  dispose?(): void;
}

function lengthOf(data: unknown, shape: unknown): number {
  if (typeof data === 'function' && Array.isArray(shape)) return valuesIn(shape as number[]);
  return (data as ArrayLike<unknown> | undefined)?.length ?? 0;
}

async function tensorData(tensor: OwnTensor): Promise<unknown> {
  const data = await tensor.data();
  return data instanceof Float64Array ? data.slice() : Float32Array.from(data);
}

function plain(data: unknown): unknown {
  return Array.isArray(data) ? Float64Array.from(data as number[]) : data;
}
