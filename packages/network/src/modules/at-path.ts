import { TouchstoneError } from '@touchstone/contract';
import { inModule } from '../autograd/node.js';

/** Runs an operation of the module at `path`: TF.js's errors name its kernel only, these name the module. */
export function atPath<T>(path: string, run: () => T): T {
  try {
    return inModule(path, run);
  } catch (error) {
    if (error instanceof TouchstoneError)
      throw error.code === 'bad-input' || error.code === 'unsupported'
        ? new TouchstoneError(error.code, `"${path}": ${error.message}`, error.hint)
        : error;
    throw new TouchstoneError(
      'bad-input',
      `"${path}": ${(error as Error).message}`,
      'Check that the input has the shape that the network expects.',
    );
  }
}
