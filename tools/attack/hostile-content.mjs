/** Files of the right kind with hostile content. */
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { attributeSaliency, copyNetwork, input, write } from './assets.mjs';

/** A safetensors file. @param {unknown} header JSON, or text @param {number} bytes of data, all zero */
function tensors(header, bytes, length) {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length ?? text.length));
  return Buffer.concat([size, text, Buffer.alloc(bytes)]);
}
const x = (more) => ({ x: { dtype: 'F32', shape: [1, 3, 32, 32], data_offsets: [0, 12288], ...more } });
const withNumbers = (...numbers) => {
  const file = tensors(x(), 12288);
  file.set(new Uint8Array(Float32Array.from(numbers).buffer), file.length - 12288);
  return file;
};

const inputs = {
  'a header of 2⁶³ bytes': tensors('{}', 0, 2n ** 63n),
  'a header longer than the file': tensors('{}', 0, 1000),
  'a header that is no JSON': tensors('{"x":', 0),
  'a header that is an array': tensors('[]', 0),
  'no tensor': tensors({}, 0),
  'a tensor past the end': tensors(x({ data_offsets: [0, 12288] }), 100),
  'offsets that go back': tensors(x({ data_offsets: [12288, 0] }), 12288),
  'negative offsets': tensors(x({ data_offsets: [-12288, 0] }), 12288),
  'a shape whose product overflows': tensors(x({ shape: [2 ** 31, 2 ** 31, 2 ** 31] }), 12288),
  'a negative shape': tensors(x({ shape: [-1, 3, 32, 32] }), 12288),
  'a shape of a million sizes': tensors(x({ shape: Array.from({ length: 1e6 }, () => 1) }), 12288),
  'an unknown type': tensors(x({ dtype: 'F8' }), 12288),
  'a tensor that is given twice': tensors('{"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"x":{}}', 0),
  'tensors that overlap': tensors({ ...x(), y: x().x }, 12288),
  NaN: withNumbers(NaN),
  'an infinite value': withNumbers(Infinity),
  'no images': tensors(x({ shape: [0, 3, 32, 32], data_offsets: [0, 0] }), 0),
  'too few dimensions': tensors(x({ shape: [12288 / 4], data_offsets: [0, 12288] }), 12288),
  'an image of one pixel': tensors(x({ shape: [1, 3, 1, 1], data_offsets: [0, 12] }), 12),
  'whole numbers': tensors(x({ dtype: 'I64', shape: [1, 3, 16, 32] }), 12288),
};

const png = (width, height, data = Buffer.alloc(0)) => {
  const chunk = (type, content) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(content.length);
    head.write(type, 4);
    return Buffer.concat([head, content, Buffer.alloc(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
};
const images = {
  'a PNG of 30,000,000 × 1': png(30_000_000, 1),
  'a PNG of 2³¹ × 2³¹': png(2 ** 31 - 1, 2 ** 31 - 1),
  'a PNG without pixels': png(0, 0),
  'a PNG whose pixels are 1000 times as large as said': png(4, 4, deflateSync(Buffer.alloc(50_000_000))),
  'a PNG that is cut': png(32, 32).subarray(0, 40),
  'a JPEG that is only its first bytes': Buffer.from('ffd8ffe000104a464946', 'hex'),
  'a WebP that is only its first bytes': Buffer.from('RIFF\x10\x00\x00\x00WEBPVP8 ', 'latin1'),
  'an SVG with a script': '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
  'a GIF': Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00;', 'latin1'),
};

const one = { type: 'ReLU', attributes: {} };
const networkOf = (modules, more = {}) =>
  JSON.stringify({
    format: 'touchstone-network',
    version: 1,
    name: 'x',
    input: { shape: [3, 32, 32] },
    modules,
    ...more,
  });
const calling = (module) => ({
  type: 'Sequential',
  inputs: ['x'],
  calls: [{ name: 'a', module, args: ['x'] }],
  output: 'a',
});
const networks = {
  'a module that calls itself': networkOf({ '': calling('') }),
  'two modules that call each other': networkOf({ '': calling('a'), a: calling('b'), b: calling('a') }),
  'a module that does not exist': networkOf({ '': calling('nowhere') }),
  'no modules': networkOf({}),
  'an unknown type': networkOf({ '': calling('a'), a: { type: 'Nothing', attributes: {} } }),
  'a path that leaves the folder': networkOf({ '': calling('../../a'), '../../a': one }),
  'a name with escape sequences': networkOf({ '': calling('a'), a: one }, { name: '\u001b[2J\u0007' }),
  'an input of 10⁹ × 10⁹': networkOf({ '': calling('a'), a: one }, { input: { shape: [3, 1e9, 1e9] } }),
  'a negative input': networkOf({ '': calling('a'), a: one }, { input: { shape: [3, -1, 32] } }),
  'a type named like a method of objects': networkOf({ '': calling('a'), a: { type: 'constructor', attributes: {} } }),
  'a future version': JSON.stringify({ format: 'touchstone-network', version: 99 }),
};

/** @returns {import('./run-attack.mjs').Attack[]} */
export function hostileContent() {
  const attacks = (table, where, file, args, prepare) =>
    Object.entries(table).map(([what, content]) => ({
      group: 'content',
      what,
      where,
      args: [...attributeSaliency, ...args],
      statuses: [64],
      prepare: (work) => {
        prepare?.(work);
        write(join(work, file), content);
      },
    }));
  return [
    ...attacks(inputs, 'attribute --input', 'x.safetensors', ['--network', 'tiny-vgg', '--input', 'x.safetensors']),
    ...attacks(images, 'attribute --image', 'x.png', ['--network', 'tiny-vgg', '--image', 'x.png']),
    ...attacks(
      networks,
      'network.json',
      'network/network.json',
      ['--network', './network', '--input', input],
      copyNetwork,
    ),
    ...attacks(
      inputs,
      'weights.safetensors',
      'network/weights.safetensors',
      ['--network', './network', '--input', input],
      copyNetwork,
    ),
  ];
}
