import type { Outcome } from '@touchstone/contract';
import { figure } from '../figures.js';
import type { CaseExhibit, ComparedExhibit, PageData } from '../page/page-data.js';
import type { Entry } from './entries.js';
import { namesOf, Panels, Scale } from './heat-maps.js';
import { Mark } from './marks.js';

interface Props {
  readonly data: PageData;
  readonly entry: Entry;
  readonly exhibit: CaseExhibit | undefined;
}

/** Golden, answer and difference of each run, a stage at a time, on one scale. */
export function ComparedRuns({ data, entry, exhibit }: Props) {
  const mine = (exhibit?.compared ?? []).filter(({ run, backend }) => entry.outcomes[run ?? -1]?.backend === backend);
  const isLast = (stage: string): number => Number(stage === 'attribution');
  const stages = [...new Set(mine.map(({ stage }) => stage))].sort((a, b) => isLast(a) - isLast(b));
  return (
    <>
      <h3>Golden, answer and difference</h3>
      {stages.length === 0 ? <p>{whyNoneAtAll(data, entry)}</p> : null}
      {stages.map((stage) => (
        <Stage
          key={stage}
          stage={stage}
          data={data}
          entry={entry}
          drawn={mine.filter((each) => each.stage === stage)}
        />
      ))}
    </>
  );
}

interface StageProps extends Omit<Props, 'exhibit'> {
  readonly stage: string;
  readonly drawn: readonly ComparedExhibit[];
}

function Stage({ stage, data, entry, drawn }: StageProps) {
  const columns = Math.max(...drawn.map((each) => namesOf(each).length));
  return (
    <section class="compared" aria-label={`Stage ${stage}`}>
      <h4>{stage}, all runs on one scale</h4>
      {data.runs.map(({ label, hasImages = false }, run) => {
        const outcome = entry.outcomes[run] ?? null;
        const compared = drawn.find((each) => each.run === run);
        const plane = compared === undefined || compared.plane === '' ? '' : `, ${compared.plane}`;
        return (
          <div class="of-run" key={run} role="group" aria-label={`${stage} in ${label}`}>
            <p>
              <b>{label}</b>
              {plane} {outcome === null ? null : <Mark status={outcome.status} />}
            </p>
            {compared === undefined ? (
              <p class="none">{whyNone(outcome, hasImages)}</p>
            ) : (
              <Panels
                compared={compared}
                columns={columns}
                alt={(name) => `${name} of stage ${stage} in ${label}, red is ${figure(compared.scale)}`}
              />
            )}
          </div>
        );
      })}
      <Scale scale={drawn[0]!.scale} />
    </section>
  );
}

function whyNone(outcome: Outcome | null, hasImages: boolean): string {
  if (outcome === null) return 'This run has no such outcome.';
  if (outcome.status === 'skipped' || outcome.status === 'errored') return 'No image: there is no answer.';
  return hasImages ? 'No image of this stage was kept.' : 'No images are next to the results of this run.';
}

function whyNoneAtAll({ runs }: PageData, { outcomes }: Entry): string {
  const without = runs.filter(({ hasImages }) => hasImages !== true).map(({ label }) => label);
  if (outcomes.every((outcome) => outcome === null || outcome.status === 'skipped' || outcome.status === 'errored'))
    return 'No images: there is no answer.';
  if (without.length === runs.length) return 'No images are next to the results of these runs.';
  const lacking = without.length === 0 ? '' : ` No images are next to the results of ${without.join(', ')}.`;
  return `No images of this case were kept.${lacking}`;
}
