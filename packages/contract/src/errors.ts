/**
 * Every error that a person can meet has a code, a sentence, and where possible a remedy.
 * Exit statuses: 0 fine · 1 not conformant · 3 slower · 4 infrastructure · 5 goldens damaged · 64 usage.
 */
const exitOf = {
  /** The request itself: an unknown name, a bad option, a file that the user gave. */
  usage: 64,
  'unknown-name': 64,
  'bad-input': 64,
  'bad-image': 64,
  'bad-network': 64,
  'bad-tensors': 64,
  'bad-params': 64,
  /** The network holds an operation that is not supported. */
  unsupported: 64,
  /** golden/ is not what its manifest says. */
  'golden-damaged': 5,
  /** The machine, an engine or a port broke. */
  'backend-unavailable': 4,
  'host-crashed': 4,
  timeout: 4,
  'port-error': 4,
  internal: 4,
} as const;

export type ErrorCode = keyof typeof exitOf;

export class TouchstoneError extends Error {
  override readonly name = 'TouchstoneError';
  readonly code: ErrorCode;
  /** What to do about it, as a sentence. */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }

  get exitStatus(): number {
    return exitOf[this.code];
  }
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(exitOf, code);
}
