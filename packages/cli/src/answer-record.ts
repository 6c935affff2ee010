/** What an answer's file says about itself, so that anybody can see what was explained, and how. */
import { NetworkDescription, Target, type HostTensor, type Stages } from '@touchstone/contract';
import { z } from 'zod';

/** `__metadata__.touchstone` of a file that `attribute` writes, as JSON. */
export const AnswerRecord = z.object({
  method: z.string(),
  /** The name in its network.json. */
  network: z.string(),
  backend: z.string(),
  /** null: the method has no target. */
  target: Target.nullable(),
  /** All of them, those left out with their defaults. */
  params: z.record(z.string(), z.unknown()),
  /** Of the network: how the image became the input. */
  preprocess: NetworkDescription.shape.preprocess,
  /** What a reader must know of this method on this network. */
  note: z.string().optional(),
  /** The files, as they were named. */
  image: z.string().optional(),
  inputs: z.array(z.string()).optional(),
  /** The tensor with the network's input; absent where the method uses no image. */
  x: z.string().optional(),
  versions: z.object({ touchstone: z.string(), tfjs: z.string(), node: z.string() }),
});
export type AnswerRecord = z.infer<typeof AnswerRecord>;

/** The tensors and the metadata of the file. The input is `x`, or where a stage has that name, `input`. */
export function recordOf(
  stages: Stages,
  x: HostTensor | undefined,
  record: AnswerRecord,
): { tensors: Stages; metadata: Record<string, string> } {
  const name = ['x', 'input', 'input of the network'].find((each) => !Object.hasOwn(stages, each));
  const isStored = x !== undefined && name !== undefined;
  const complete: AnswerRecord = isStored ? { ...record, x: name } : record;
  return {
    tensors: isStored ? { ...stages, [name]: x } : stages,
    metadata: { touchstone: JSON.stringify(complete) },
  };
}
