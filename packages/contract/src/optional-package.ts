import { TouchstoneError, type ErrorCode } from './errors.js';

/**
 * The packages that Touchstone does without where nothing needs them: version, and what needs it. `tools/release`
 * makes them optional; a test holds the versions to those of the workspaces.
 */
export const optionalPackages = {
  sharp: ['0.35.5', 'images'],
  'playwright-core': ['1.65.1', 'backends in a browser'],
  webgpu: ['0.6.2', 'WebGPU in Node.js'],
  '@tensorflow/tfjs-backend-webgpu': ['4.22.0', 'WebGPU in Node.js'],
  '@tensorflow/tfjs-layers': ['4.22.0', 'layersModel() without a TensorFlow.js of the port'],
  '@tensorflow/tfjs': ['4.22.0', 'probes and benchmarks of TensorFlow.js'],
  'fast-check': ['4.10.2', 'laws and fuzzing'],
} as const satisfies Readonly<Record<string, readonly [version: string, purpose: string]>>;

export type OptionalPackage = keyof typeof optionalPackages;

/** Loads an optional package. @throws TouchstoneError with `code` where it is not there or cannot be loaded */
export async function loadOptional<T>(
  name: OptionalPackage,
  load: () => Promise<T>,
  code: ErrorCode = 'missing-package',
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { message, hint } = missingPackage(error) ?? cannotBeLoaded(name, error);
    throw new TouchstoneError(code, message, hint);
  }
}

/** What Node.js says of a package that is not installed, as an error for people; null: it is another error. */
export function missingPackage(error: unknown): TouchstoneError | null {
  const { code, message = '' } = (error ?? {}) as { code?: string; message?: string };
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return null;
  const named = /^Cannot find (?:package|module) '([^']+)'/.exec(message)?.[1] ?? '';
  const name = (Object.keys(optionalPackages) as OptionalPackage[]).find((each) => each === named);
  if (name === undefined) return null;
  return new TouchstoneError(
    'missing-package',
    `${name} is not installed, for ${optionalPackages[name][1]}`,
    hintFor(name),
  );
}

function cannotBeLoaded(name: OptionalPackage, error: unknown): TouchstoneError {
  const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
  return new TouchstoneError('missing-package', `${name} cannot be loaded: ${reason}`, hintFor(name));
}

function hintFor(name: OptionalPackage): string {
  return `Run "npm install --save-dev ${name}@${optionalPackages[name][0]}".`;
}
