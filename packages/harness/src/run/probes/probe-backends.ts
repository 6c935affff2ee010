import { messageOf } from '@touchstone/contract';
import { backends } from '@touchstone/backends';
import type { ProbeAnswer } from '@touchstone/network';
import { openChildSession, type Session } from '@touchstone/session';
import { agree, answerToJson } from './answers.js';
import { readProbes, readStock, writeStock, type AskedProbe, type KnownStock } from './probe-files.js';

export interface Finding {
  readonly probe: string;
  readonly asks: string;
  readonly pytorch: ProbeAnswer;
  readonly stock: ProbeAnswer;
  readonly ours: ProbeAnswer;
  /** The answer for `stock` in golden/stock-tfjs.json; null: none yet. */
  readonly known: ProbeAnswer | null;
  /** Whether the answers of stock and ours equal PyTorch's. */
  readonly stockAgrees: boolean;
  readonly oursAgrees: boolean;
  /** Whether the answer of stock differs from the known one. */
  readonly changed: boolean;
}

export interface ProbedBackend {
  readonly id: string;
  /** Why it could not be probed; null: it was. */
  readonly reason: string | null;
  /** The version of TF.js that answered, and the one in golden/stock-tfjs.json. */
  readonly tfjs: string | null;
  readonly knownTfjs: string | null;
  readonly findings: readonly Finding[];
}

export interface Probing {
  readonly torch: string;
  readonly backends: readonly ProbedBackend[];
}

const deadlineMs = 180_000;

/** Probes every backend, each in a child process. `golden`: the folder with probes.json. */
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
  const knownTfjs = before?.tfjs ?? null;
  let session: Session | undefined;
  try {
    session = await openChildSession({ backend: id }, { signal });
    const questions = probes.map(({ id: probe, inputs }) => ({ id: probe, inputs }));
    const { tfjs, answers } = await session.diagnose({ kind: 'probes', questions }, { deadlineMs });
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    const findings = probes.map((probe) => findingOf(probe, before?.answers[probe.id] ?? null, byId.get(probe.id)));
    return { id, reason: null, tfjs, knownTfjs, findings };
  } catch (error) {
    return { id, reason: messageOf(error), tfjs: null, knownTfjs, findings: [] };
  } finally {
    await session?.close();
  }
}

function findingOf(
  { id: probe, asks, answer: pytorch }: AskedProbe,
  known: ProbeAnswer | null,
  { stock = 'no answer', ours = 'no answer' }: { readonly stock?: ProbeAnswer; readonly ours?: ProbeAnswer } = {},
): Finding {
  return {
    probe,
    asks,
    pytorch,
    stock,
    ours,
    known,
    stockAgrees: agree(stock, pytorch),
    oursAgrees: agree(ours, pytorch),
    changed: known !== null && !agree(stock, known),
  };
}

/** Stores the answers as the known ones of TF.js; those of other backends stay. */
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
export function probingToJson({ torch, backends: probed }: Probing) {
  const json = (answer: ProbeAnswer | null) => (answer === null ? null : answerToJson(answer));
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
