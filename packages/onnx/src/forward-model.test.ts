/** The model as a reader of ONNX sees it; what it computes is tested in packages/port, with onnxruntime. */
import { fromBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { chain, description, leaf } from '@touchstone/network/testing';
import { forwardModel, opset } from './forward-model.js';
import { ModelProtoSchema } from './generated/onnx_pb.js';

const relu = { type: 'ReLU', attributes: { inplace: false } };
const network = description(chain({ conv: leaf.conv(1, 2), relu }), { name: 'small', input: { shape: [1, 3, 4] } });
const weights = {
  'conv.weight': { shape: [2, 1, 1, 1], data: Float32Array.of(1, 2) },
  'conv.bias': { shape: [2], data: Float32Array.of(0, 1) },
};

it('has the names of the network, an open number of images, and no more nodes than operations', () => {
  const { graph, opsetImport } = fromBinary(ModelProtoSchema, forwardModel(network, weights, { outputs: ['conv'] }));
  expect(opsetImport.map(({ version }) => Number(version))).toEqual([opset]);
  expect(graph!.node.map(({ opType, output }) => [opType, output])).toEqual([
    ['Conv', ['conv']],
    ['Relu', ['relu']],
    ['Identity', ['logits']],
  ]);
  expect(graph!.initializer.map(({ name }) => name)).toEqual(['conv.weight', 'conv.bias']);
  expect(graph!.output.map(({ name }) => name)).toEqual(['logits', 'conv']);
  const shapeOf = graph!.input[0]!.type!.value;
  const dims = shapeOf.case === 'tensorType' ? shapeOf.value.shape!.dim.map(({ value }) => value.value) : [];
  expect(dims.map((size) => (typeof size === 'bigint' ? Number(size) : typeof size))).toEqual(['string', 1, 3, 4]);
});

it('an output that there is not is refused with the nearest name', () => {
  expect(() => forwardModel(network, weights, { outputs: ['cnov'] })).toThrow(
    expect.objectContaining({ code: 'unknown-name', hint: expect.stringContaining('conv') as string }),
  );
});
