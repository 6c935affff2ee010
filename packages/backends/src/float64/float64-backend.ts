import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { type Dense, sizeOf } from './dense.js';

interface Entry {
  readonly data: Float64Array;
  readonly dtype: tf.DataType;
  references: number;
}

type Values = tf.BackendValues | Float64Array | readonly number[];

/**
 * TF.js's storage, in doubles. `tf.tensor` and scalar constants are rounded to float32 before they arrive here; exact
 * doubles enter through `write` and `tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: 'float32' })`.
 * Arrays are copied when written and read. `tf.memory().numBytes` counts 4 bytes per element, because TF.js does.
 */
export class Float64Backend extends tf.KernelBackend {
  readonly hasAccurateErf = true; // a trait, see BackendTraits
  private readonly entries = new tf.DataStorage<Entry>(this, tf.engine());

  /** @throws TouchstoneError `unsupported` for strings, `internal` when the number of values is not the shape's */
  override write(values: Values, shape: number[], dtype: tf.DataType): object {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: object, values: Values, shape: number[], dtype: tf.DataType, references: number): void {
    if (dtype === 'string' || dtype === 'complex64') {
      throw new TouchstoneError(
        'unsupported',
        `the float64 backend does not support dtype ${dtype}`,
        'Cast to float32, int32 or bool.',
      );
    }
    if (values.length !== sizeOf(shape)) {
      throw new TouchstoneError('internal', `${values.length} values for a tensor of shape [${shape.join(', ')}]`);
    }
    this.entries.set(dataId, { data: Float64Array.from(values as ArrayLike<number>), dtype, references });
  }

  /** Stores a kernel's result without copying it; int32 is truncated and wrapped, as in an Int32Array. */
  keep({ shape, dtype, data }: Dense): tf.TensorInfo {
    const dataId = {};
    this.entries.set(dataId, { data: dtype === 'int32' ? data.map((value) => value | 0) : data, dtype, references: 1 });
    return { dataId, shape, dtype };
  }

  dense({ dataId, shape, dtype }: tf.TensorInfo): Dense {
    return { shape, dtype, data: this.entries.get(dataId).data };
  }

  /**
   * Float64Array for real numbers, which TF.js's types do not include; Int32Array and Uint8Array for int32 and bool.
   */
  override readSync(dataId: object): tf.BackendValues {
    const { data, dtype } = this.entries.get(dataId);
    if (dtype === 'int32') return Int32Array.from(data);
    if (dtype === 'bool') return Uint8Array.from(data);
    return data.slice() as unknown as Float32Array;
  }

  override read(dataId: object): Promise<tf.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.entries.has(dataId)) return true;
    const entry = this.entries.get(dataId);
    entry.references -= 1;
    if (!force && entry.references > 0) return false;
    this.entries.delete(dataId);
    return true;
  }

  override incRef(dataId: object): void {
    this.entries.get(dataId).references += 1;
  }

  override refCount(dataId: object): number {
    return this.entries.has(dataId) ? this.entries.get(dataId).references : 0;
  }

  override numDataIds(): number {
    return this.entries.numDataIds();
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  /** Not in TF.js's types. The network package reads it to write doubles without rounding them. */
  override floatPrecision(): 32 {
    return 64 as 32;
  }

  /** As on every float32 backend; TF.js treats any precision but 32 as float16, with an epsilon of 1e-4. */
  override epsilon(): number {
    return 1e-7;
  }

  override time(run: () => void): Promise<{ kernelMs: number }> {
    const start = performance.now();
    run();
    return Promise.resolve({ kernelMs: performance.now() - start });
  }

  override dispose(): void {}
}
