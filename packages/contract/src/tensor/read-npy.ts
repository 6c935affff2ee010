/**
 * A NumPy array file, read as if it were hostile: a header of one line of text, then the values.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import type { HostTensor } from '../domain/index.js';
import { TouchstoneError } from '../errors.js';
import { dtypes } from './dtypes.js';
import { valuesIn } from './sampling.js';

const magic = '\x93NUMPY';
const maxDimensions = 16;
/** NumPy's types → those of safetensors. */
const names: Readonly<Record<string, string>> = {
  f8: 'F64',
  f4: 'F32',
  f2: 'F16',
  b1: 'BOOL',
  i8: 'I64',
  i4: 'I32',
  i2: 'I16',
  i1: 'I8',
  u8: 'U64',
  u4: 'U32',
  u2: 'U16',
  u1: 'U8',
};

/** The array; values are widened as `readSafetensors` does. @throws `bad-tensors`, naming `label` */
export function readNpy(bytes: Uint8Array, label: string): HostTensor {
  const fail = (
    what: string,
    hint = `Write ${label} again with numpy.save; it may be damaged or truncated.`,
  ): never => {
    throw new TouchstoneError('bad-tensors', `${label}: ${what}`, hint);
  };
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(0, 6)) !== magic) fail('is not an .npy file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes[6]! >= 2 ? 12 : 10;
  const end = start + (start === 12 ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) fail('its header is not complete');
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, end));
  const numpyType = /'descr': *(\[.*?\](?=, *'|\})|'[^']*')/s.exec(header)?.[1] ?? fail('its header names no type');
  const sizes = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1] ?? fail('its header names no shape');
  const shape = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  const [, type = ''] = /^'[<|=](\w+)'$/.exec(numpyType) ?? [];
  const dtype = Object.hasOwn(names, type) ? dtypes[names[type]!]! : null;
  if (dtype === null)
    return fail(
      `has values of NumPy's type ${numpyType.replace(/^'(.*)'$/, '$1').slice(0, 100)}${kindOf(numpyType)}, ` +
        'which is not supported',
      'Store numbers, for example array.astype("<f4").',
    );
  if (/'fortran_order': *True/.test(header))
    fail('is stored column by column', 'Store numpy.ascontiguousarray(array).');
  if (shape.length > maxDimensions || bytes.length - end !== valuesIn(shape) * dtype.size)
    fail(
      `its shape [${shape.slice(0, maxDimensions).join(',')}] does not fit its ${bytes.length - end} bytes of values`,
    );
  // A copy starts at a multiple of every size. The method "slice" of a Buffer does not copy.
  const data = dtype.widen(new Uint8Array(bytes.subarray(end))) ?? fail('has a value that is not exact as a float64');
  return { shape, data };
}

/** What people call a type of NumPy's that holds something else than numbers. */
function kindOf(numpyType: string): string {
  if (numpyType.startsWith('[')) return ' (a structured array)';
  if (numpyType.startsWith("'|O")) return ' (Python objects)';
  return /^'[<>|=]c/.test(numpyType) ? ' (complex numbers)' : '';
}
