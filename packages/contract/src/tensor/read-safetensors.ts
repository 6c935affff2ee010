/**
 * Safetensors, read as if the file were hostile: 8 bytes length of the header (u64, little-endian), the header (JSON),
 * the data. https://github.com/huggingface/safetensors#format
 */
import type { HostTensor } from '../domain/index.js';
import { dtypes } from './dtypes.js';
import { duplicateKey } from './duplicate-key.js';
import { TouchstoneError } from '../errors.js';

export interface TensorFile {
  /** Without a prototype: a name that is not in the file is `undefined`. */
  readonly tensors: Record<string, HostTensor>;
  readonly metadata: Record<string, string>;
}

/** Enough for some 100,000 tensors. */
const maxHeaderBytes = 16 * 2 ** 20;
const maxDimensions = 16;
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Every tensor of a safetensors file. F32 and F64 keep their type and, where aligned, share memory with `bytes`; F16
 * and BF16 become float32, integers and booleans float64. Memory is bounded by 8 × the size of the input, and checked
 * before anything is allocated.
 *
 * @param allowed the dtypes that a tensor may have; left out: all
 * @throws `bad-tensors`, naming `label` and the tensor, for anything that the format does not allow
 */
export function readSafetensors(
  bytes: Uint8Array,
  label: string,
  allowed: readonly string[] = Object.keys(dtypes),
): TensorFile {
  const fail = (what: string): never => {
    throw new TouchstoneError(
      'bad-tensors',
      `${label}: ${what}`,
      `Write ${label} again with a safetensors library; it may be damaged or truncated.`,
    );
  };
  const { header, data } = split(bytes, fail);
  const tensors: Record<string, HostTensor> = Object.create(null);
  const entries = Object.keys(header)
    .filter((name) => name !== '__metadata__')
    .map((name) => entry(name, header[name], { size: data.byteLength, allowed }, fail));
  checkCover(entries, data.byteLength, fail);
  for (const each of entries) tensors[each.name] = tensor(each, data, fail);
  return { tensors, metadata: metadata(header['__metadata__'], fail) };
}

type Fail = (what: string) => never;

function split(bytes: Uint8Array, fail: Fail): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.byteLength < 8) fail(`${bytes.byteLength} bytes, too short for a safetensors file`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > maxHeaderBytes)
    fail(`the header has ${length} bytes by its length field, at most ${maxHeaderBytes} are read`);
  if (length > bytes.byteLength - 8)
    fail(`the header has ${length} bytes by its length field, the file only ${bytes.byteLength - 8} after it`);
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + length));
    header = JSON.parse(text);
  } catch {
    return fail('the header is not JSON in UTF-8');
  }
  if (!isObject(header)) return fail('the header is not a JSON object');
  const twice = duplicateKey(text);
  if (twice !== null) fail(`${quoted(twice)} is twice in the header`);
  return { header, data: bytes.subarray(8 + length) };
}

interface Limits {
  /** Of the data, in bytes. */
  readonly size: number;
  readonly allowed: readonly string[];
}

function entry(name: string, value: unknown, { size, allowed }: Limits, fail: Fail): Entry {
  const who = `tensor ${quoted(name)}`;
  if (forbidden.has(name)) fail(`${who}: the name is not allowed`);
  if (!isObject(value)) return fail(`${who}: its entry is not an object`);
  const { dtype, shape, data_offsets: offsets, ...rest } = value;
  const extra = Object.keys(rest)[0];
  if (extra !== undefined) fail(`${who}: unknown field ${quoted(extra)}`);
  if (typeof dtype !== 'string' || !allowed.includes(dtype)) {
    return fail(`${who}: dtype ${quoted(String(dtype))} is not one of ${allowed.join(', ')}`);
  }
  if (!Array.isArray(shape) || shape.length > maxDimensions || !shape.every(isSize)) {
    return fail(`${who}: "shape" must be at most ${maxDimensions} integers ≥ 0`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    return fail(`${who}: "data_offsets" must be two integers ≥ 0`);
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end) fail(`${who}: begins at ${begin}, after its end ${end}`);
  if (end > size) fail(`${who}: ends at ${end}, past the ${size} bytes of data`);
  const needed = elements(shape) * dtypes[dtype]!.size;
  if (needed !== end - begin)
    fail(`${who}: ${dtype} of shape [${shape.join(',')}] needs ${needed} bytes, its offsets give ${end - begin}`);
  return { name, dtype, shape, begin, end };
}

/** The tensors cover the data from first to last byte, without gap or overlap. */
function checkCover(entries: readonly Entry[], size: number, fail: Fail): void {
  let covered = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < covered)
      fail(`tensor ${quoted(name)}: overlaps the one before it (begins at ${begin}, ${covered} bytes are taken)`);
    if (begin > covered) fail(`tensor ${quoted(name)}: a gap of ${begin - covered} bytes before it`);
    covered = end;
  }
  if (covered !== size) fail(`${size - covered} bytes at the end belong to no tensor`);
}

function tensor({ name, dtype, shape, begin, end }: Entry, data: Uint8Array, fail: Fail): HostTensor {
  const { size, widen } = dtypes[dtype]!;
  const stored = data.subarray(begin, end);
  const values = widen(stored.byteOffset % size === 0 ? stored : new Uint8Array(stored));
  if (values === null) return fail(`tensor ${quoted(name)}: holds a ${dtype} value that a float64 cannot hold exactly`);
  return { shape, data: values };
}

function metadata(value: unknown, fail: Fail): Record<string, string> {
  const result: Record<string, string> = Object.create(null);
  if (value === undefined) return result;
  if (!isObject(value)) return fail('"__metadata__" is not an object');
  for (const [key, text] of Object.entries(value)) {
    if (forbidden.has(key)) fail(`"__metadata__": the name ${quoted(key)} is not allowed`);
    if (typeof text !== 'string') return fail(`"__metadata__": ${quoted(key)} is not a string`);
    result[key] = text;
  }
  return result;
}

/** The number of values; Infinity where it exceeds the safe integers. */
function elements(shape: readonly number[]): number {
  const product = shape.reduce((count, size) => count * size, 1);
  return Number.isSafeInteger(product) ? product : Infinity;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
