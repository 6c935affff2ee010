import { findBackend } from '@touchstone/backends';
import { plainText } from '@touchstone/contract';
import type { Finding, Probing } from '@touchstone/harness';
import { formatTable, type Cell, type Colours } from '@touchstone/report';

type Answer = Finding['stock'];

/** Whether our answers are PyTorch's, and TF.js's are the known ones where they are known. */
export function isSound({ backends }: Probing): boolean {
  return backends.every(({ findings }) => findings.every(({ oursAgrees, changed }) => oursAgrees && !changed));
}

/** A table of PyTorch's answers next to those of stock TF.js and ours; then what differs, and what was not probed. */
export function describeProbing({ torch, backends }: Probing, colours: Colours, width?: number): string[] {
  const probed = backends.filter(({ reason }) => reason === null);
  const all = probed.flatMap(({ id, findings }) => findings.map((finding) => ({ backend: id, ...finding })));
  const stock = all.filter(({ backend }) => !findBackend(backend).ownKernels);
  const different = stock.filter(({ stockAgrees }) => !stockAgrees).length;
  const versions = [...new Set(probed.map(({ tfjs }) => tfjs))].join(', ');
  return [
    ...formatTable(['probe', 'PyTorch', 'stock TF.js', 'ours', 'backends'], rowsOf(all, colours), colours, width),
    '',
    `= means PyTorch's answer (${plainText(torch, 60)}). Stock TF.js ${plainText(versions, 60)} ` +
      `differs in ${different} of ` +
      `${stock.length} answers: a port that uses its gradients fails there.`,
    ...probed.flatMap((backend) => faultsOf(backend).map(colours.red)),
    ...probed
      .filter(({ findings }) => findings.some(({ known }) => known === null))
      .map(({ id }) => colours.yellow(`${id}: some answers are not stored yet; --accept stores them`)),
    ...backends.flatMap(({ id, reason }) =>
      reason === null ? [] : [colours.yellow(`${id} was not probed: ${plainText(reason, 200)}`)],
    ),
  ];
}

function faultsOf({ id, tfjs, knownTfjs, findings }: Probing['backends'][number]): string[] {
  return findings.flatMap(({ probe, ours, oursAgrees, stock, known, changed }) => [
    ...(oursAgrees ? [] : [`✗ ours is not PyTorch's answer: ${probe} on ${id} gives ${written(ours)}`]),
    ...(changed
      ? [
          `✗ stock TF.js ${plainText(tfjs ?? '', 40)} has changed: ${probe} on ${id} gives ${written(stock)}; ` +
            `${plainText(knownTfjs ?? '', 40)} gave ${written(known!)}`,
        ]
      : []),
  ]);
}

/** Backends with the same answers share a row. */
function rowsOf(all: readonly (Finding & { readonly backend: string })[], colours: Colours): Cell[][] {
  const lines = new Map<string, (typeof all)[number][]>();
  for (const finding of all) {
    const { probe, stock, ours, stockAgrees, oursAgrees } = finding;
    const line = JSON.stringify([probe, stockAgrees ? '=' : written(stock), oursAgrees ? '=' : written(ours)]);
    lines.set(line, [...(lines.get(line) ?? []), finding]);
  }
  const ordered = [...new Set(all.map(({ probe }) => probe))].flatMap((probe) =>
    [...lines.values()].filter(([first]) => first!.probe === probe),
  );
  return ordered.map((findings, i) => {
    const { probe, pytorch, stock, ours, stockAgrees, oursAgrees } = findings[0]!;
    const isFirst = ordered[i - 1]?.[0]!.probe !== probe;
    return [
      { text: isFirst ? probe : '' },
      { text: isFirst ? shortened(pytorch) : '' },
      stockAgrees ? { text: '=' } : { text: shortened(stock), colour: colours.yellow },
      oursAgrees ? { text: '=', colour: colours.green } : { text: shortened(ours), colour: colours.red },
      { text: findings.map(({ backend }) => backend).join(', ') },
    ];
  });
}

function written(answer: Answer): string {
  return typeof answer === 'string'
    ? plainText(answer, 300)
    : Array.from(answer.data, (value) => String(Number(value.toPrecision(4)))).join(' ');
}

/** As much as fits into a table; --json has all. */
function shortened(answer: Answer): string {
  const text = written(answer);
  return text.length <= 34 ? text : `${text.slice(0, 33)}…`;
}
