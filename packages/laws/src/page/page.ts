/** What runs in the page: the laws, on a backend that needs a browser. Bundled by the build into dist/page/bundle.js. */
import { pageBackends } from '@touchstone/backends/page';
import { serve } from '@touchstone/browser/page';
import { holdTo, openSubject, type HoldOptions, type LawResult } from '../hold.js';
import type { Subject } from '../law.js';
import { findLaw } from '../laws.js';

export type LawQuestion = { readonly open: string } | { readonly law: string; readonly options: HoldOptions };
export type LawAnswer = { readonly device: string } | { readonly unavailable: string } | { readonly result: LawResult };

let subject: Subject | undefined;

serve(async (question): Promise<LawAnswer> => {
  const asked = question as LawQuestion;
  if ('law' in asked) return { result: await holdTo(findLaw(asked.law), subject!, asked.options) };
  try {
    const opened = await openSubject(pageBackends.find(({ id }) => id === asked.open)!);
    subject = opened;
    return { device: opened.device };
  } catch (error) {
    return { unavailable: (error as Error).message };
  }
});
