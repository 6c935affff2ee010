/** What `report --json` prints. */
import { Header, Outcome } from '@touchstone/contract';
import { z } from 'zod';

const count = z.number().int().nonnegative();
const exitStatus = z.union([0, 1, 4, 5].map((status) => z.literal(status)));

export const reportJson = z.object({
  /** Of the worst run. */
  exitStatus,
  runs: z.array(
    z.object({
      file: z.string(),
      header: Header,
      /** `incomplete`: the run did not end. `errored`: something broke, or nothing was judged. */
      verdict: z.enum(['passed', 'failed', 'errored', 'incomplete', 'damaged']),
      exitStatus,
      /** Why it did not pass, apart from the failures. */
      reasons: z.array(z.string()),
      counts: z.object({ passed: count, failed: count, skipped: count, errored: count }),
      /** Of those that were skipped, the ones that the port did not answer. */
      unanswered: count,
      /** null: the run is incomplete. */
      milliseconds: z.number().nullable(),
      /** The outcomes that failed or errored. */
      failures: z.array(Outcome),
    }),
  ),
});
