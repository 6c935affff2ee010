import type { Outcome } from '@touchstone/contract';
import { figure } from '../figures.js';

interface StageLine {
  readonly stage: string;
  readonly differs: boolean;
  readonly e2: number | null;
  readonly eMax: number | null;
  readonly allowed: number | null;
  readonly allowedMax: number | null;
}

/** The errors of the stages: of all, or of the one that the outcome names. */
export function StageTable({ outcome }: { readonly outcome: Outcome }) {
  const lines = linesOf(outcome);
  if (lines.length === 0) return null;
  const first = lines.findIndex(({ differs }) => differs);
  return (
    <>
      <h3>Stages</h3>
      <div class="wide" role="group" aria-label="Table of stages" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {['stage', '', 'e2', 'allowed', 'eMax', 'allowed'].map((name, i) => (
                <th scope="col" class={i > 1 ? 'number' : ''}>
                  {name === '' ? 'golden' : name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map(({ stage, differs, e2, eMax, allowed, allowedMax }, i) => (
              <tr>
                <th scope="row">{stage}</th>
                <td class={differs ? 'failed' : 'passed'}>
                  <span aria-hidden="true">{differs ? '✗' : '✓'}</span> {differs ? 'differs' : 'agrees'}
                  {i === first && lines.length > 1 ? ', the first' : ''}
                </td>
                {[e2, allowed, eMax, allowedMax].map((value) => (
                  <td class="number">{figure(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function linesOf(outcome: Outcome): StageLine[] {
  if (outcome.status !== 'passed' && outcome.status !== 'failed') return [];
  if (outcome.stages !== undefined)
    return outcome.stages.map(({ stage, agrees, e2 = null, eMax = null, allowed, allowedMax }) => {
      return { stage, differs: !agrees, e2, eMax, allowed, allowedMax };
    });
  const { stage, e2 = null, eMax = null, allowed = null, allowedMax = null } = outcome;
  return [{ stage, differs: outcome.status === 'failed', e2, eMax, allowed, allowedMax }];
}
