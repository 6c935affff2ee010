import { messageOf } from '@touchstone/contract';
import { backends } from '@touchstone/backends';
import type { ProbeAnswer } from '@touchstone/network';
import { Engine } from '@touchstone/session';
import { agree, answerToJson } from './answers.js';
import { readProbes, readStock, writeStock, type AskedProbe, type KnownStock } from './probe-files.js';

export interface Finding {
  readonly probe: string;
  readonly asks: string;
  readonly pytorch: ProbeAnswer;
  readonly stock: ProbeAnswer;
  readonly ours: ProbeAnswer;
  /** What golden/stock-tfjs.json has for `stock`; null: nothing yet. */
  readonly known: ProbeAnswer | null;
  /** Whether stock and ours are PyTorch's answer. */
  readonly stockAgrees: boolean;
  readonly oursAgrees: boolean;
  /** Whether stock is no longer what is known. */
  readonly changed: boolean;
}

export interface ProbedBackend {
  readonly id: string;
  /** Why it could not be asked; null: it was. */
  readonly reason: string | null;
  /** The version of TF.js that answered, and that golden/stock-tfjs.json knows. */
  readonly tfjs: string | null;
  readonly knownTfjs: string | null;
  readonly findings: readonly Finding[];
}

export interface Probing {
  readonly torch: string;
  readonly backends: readonly ProbedBackend[];
}

const deadlineMs = 180_000;

/** Asks the probes of every backend, each in a process of its own. `golden`: the folder with probes.json. */
export async function probeBackends(
  golden: string,
  { ids = backends.map(({ id }) => id), signal }: { ids?: readonly string[]; signal?: AbortSignal } = {},
): Promise<Probing> {
  const { torch, probes } = readProbes(golden);
  const known = readStock(golden);
  return { torch, backends: await Promise.all(ids.map((id) => probeBackend(id, probes, known, signal))) };
}

async function probeBackend(
  id: string,
  probes: readonly AskedProbe[],
  known: KnownStock,
  signal: AbortSignal | undefined,
): Promise<ProbedBackend> {
  const before = known[id];
  const unasked = (reason: string): ProbedBackend => ({
    id,
    reason,
    tfjs: null,
    knownTfjs: before?.tfjs ?? null,
    findings: [],
  });
  const engine = new Engine({ backend: id }, signal);
  try {
    const state = await engine.open();
    if (state.kind === 'unavailable') return unasked(state.reason);
    const reply = await engine.ask(
      { kind: 'probes', seq: 1, questions: probes.map(({ id: probe, inputs }) => ({ id: probe, inputs })) },
      deadlineMs,
    );
    if (reply.kind !== 'probed')
      return unasked(reply.kind === 'threw' ? reply.message : 'the host answered something that was not asked');
    const answers = new Map(reply.answers.map((answer) => [answer.id, answer]));
    const findings = probes.map(({ id: probe, asks, answer: pytorch }): Finding => {
      const { stock = 'no answer', ours = 'no answer' } = answers.get(probe) ?? {};
      const stored = before?.answers[probe] ?? null;
      return {
        probe,
        asks,
        pytorch,
        stock,
        ours,
        known: stored,
        stockAgrees: agree(stock, pytorch),
        oursAgrees: agree(ours, pytorch),
        changed: stored !== null && !agree(stock, stored),
      };
    });
    return { id, reason: null, tfjs: reply.tfjs, knownTfjs: before?.tfjs ?? null, findings };
  } catch (error) {
    return unasked(messageOf(error));
  } finally {
    engine.stop();
  }
}

/** Stores what the backends answered as what TF.js is known to do; what was known of others stays. */
export function acceptStock(golden: string, probing: Probing): void {
  const answered = probing.backends.flatMap(({ id, tfjs, findings }) => {
    return tfjs === null
      ? []
      : [[id, { tfjs, answers: Object.fromEntries(findings.map(({ probe, stock }) => [probe, stock])) }] as const];
  });
  const known = { ...readStock(golden), ...Object.fromEntries(answered) };
  const order = backends.map(({ id }) => id);
  writeStock(golden, Object.fromEntries(Object.entries(known).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))));
}

/** With tensors as plain lists, NaN and ∞ in words. */
export function probingToJson({ torch, backends: probed }: Probing): unknown {
  const json = (answer: ProbeAnswer | null): unknown => (answer === null ? null : answerToJson(answer));
  return {
    torch,
    backends: probed.map(({ findings, ...backend }) => ({
      ...backend,
      findings: findings.map((finding) => ({
        ...finding,
        pytorch: json(finding.pytorch),
        stock: json(finding.stock),
        ours: json(finding.ours),
        known: json(finding.known),
      })),
    })),
  };
}
