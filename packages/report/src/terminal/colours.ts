import picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours on a terminal only; `NO_COLOR` turns them off, `FORCE_COLOR` (other than 0) on. */
export function coloursFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Colours {
  const forced = env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : undefined;
  return picocolors.createColors(!env['NO_COLOR'] && (forced ?? (stream.isTTY === true && env['TERM'] !== 'dumb')));
}
