import { nearName, plainText } from '@touchstone/contract';
import { z } from 'zod';
import type { PortJob } from './port.js';

type PortMethod = (job: PortJob) => unknown;

/** The default export of a port, which may be anything. */
export const PortModule = z.object({
  name: z.string().min(1).max(100),
  version: z.string().min(1).max(100),
  layout: z.enum(['NCHW', 'NHWC']).default('NCHW'),
  dtype: z.enum(['float32', 'float64']).default('float32'),
  methods: z.record(
    z.string(),
    z.custom<PortMethod>((value) => typeof value === 'function', 'is not a function'),
  ),
});
export type PortModule = z.infer<typeof PortModule>;

/** Why a port does not answer a method that it does not have. */
export function noMethod(asked: string, known: readonly string[]): string {
  const meant = nearName(asked, known);
  const instead = meant === null ? '' : `, but "${plainText(meant, 100)}"`;
  return `the port has no method "${asked}"${instead}`;
}
