/**
 * Every error that a user can meet has a code, a sentence that says what is wrong and where, and a hint. The values are
 * exit statuses: 0 passed · 1 not conformant · 3 slower · 4 infrastructure · 5 goldens damaged · 64 usage.
 */
const exitOf = {
  /** The request is at fault: an option, a name, or a file that the user gave. */
  usage: 64,
  'unknown-name': 64,
  'bad-input': 64,
  'bad-image': 64,
  'bad-network': 64,
  'bad-tensors': 64,
  'bad-params': 64,
  /** The network has an operation that is not supported. */
  unsupported: 64,
  /** A file in golden/ does not match its manifest. */
  'golden-damaged': 5,
  /** The machine, a backend, a port or Touchstone itself is at fault. */
  /** The disk is full, the limit of open files is reached. */
  machine: 4,
  /** A package that only some need is not installed. */
  'missing-package': 4,
  'backend-unavailable': 4,
  'process-crashed': 4,
  timeout: 4,
  /** A part of a run is missing. */
  incomplete: 4,
  'port-error': 4,
  internal: 4,
} as const;

export type ErrorCode = keyof typeof exitOf;

/** `message`: a sentence without its full stop, which names the field, file or option at fault. */
export class TouchstoneError extends Error {
  override readonly name = 'TouchstoneError';
  readonly code: ErrorCode;
  /** What to do about it: an imperative sentence. */
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
