import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { judgeStage, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { fromHost, loadNetwork, toHost, Variable } from '@touchstone/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { openJob, type AskedNetwork } from '../job.js';
import { goldenLogits, goldenNetwork, hookNetworks, withOtherFunctions } from '../testing.js';

/** What the port's model returns for x, and how many tensors are left. */
async function predicted(network: AskedNetwork, x: HostTensor): Promise<{ y: HostTensor; left: number }> {
  const before = tf.memory().numTensors;
  const { job, close } = openJob({ x, target: { class: 0 }, params: {}, fixtures: {} }, network, {});
  const model = await job.layersModel();
  const input = fromHost(x);
  const output = model.predict(input) as tf.Tensor;
  const y = await toHost(output);
  tf.dispose([input, output]);
  close();
  return { y, left: tf.memory().numTensors - before };
}

describe('networks of golden/', () => {
  beforeAll(() => tf.setBackend('wasm'));
  const rows = goldenLogits().map((row) => [row.description.name, row] as const);

  it.each(rows.filter(([name]) => withOtherFunctions.has(name)))(
    '%s is refused by the name of a call',
    async (_, row) => {
      await expect(predicted(row, row.x)).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringContaining('which a tf.LayersModel cannot express here') as string,
      });
    },
  );

  it.each(rows.filter(([name]) => !withOtherFunctions.has(name)))(
    '%s gives the logits of PyTorch and leaves no tensor',
    async (_, { x, logits, reference, ...network }) => {
      const { y, left } = await predicted(network, x);
      expect(judgeStage(y, logits, reference)).toMatchObject({ check: null });
      expect(left).toBe(0);
    },
  );
});

describe('on cpu', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('module trees with reused modules and flattened views that are changed in place', async () => {
    for (const network of hookNetworks()) {
      const [c, h, w] = network.description.input.shape;
      const x = { shape: [2, c, h, w], data: Float32Array.from({ length: 2 * c * h * w }, (_, i) => Math.sin(i * i)) };
      const own = loadNetwork(network.description, network.weights);
      const input = fromHost(x);
      const expected = await toHost(own.call(Variable.leaf(input)).value);
      const { y } = await predicted(network, x);
      expect(judgeStage(y, expected, { e2: 0, eMax: 0 }), network.description.name).toMatchObject({ check: null });
      own.dispose();
    }
  });

  it('the layers bear the paths of modules and containers, and the names of calls of functions', async () => {
    const network = goldenNetwork('tiny-vgg');
    const x = { shape: [1, 3, 32, 32], data: new Float32Array(3072) };
    const { job, close } = openJob({ x, target: { class: 0 }, params: {}, fixtures: {} }, network, {});
    const model = await job.layersModel();
    expect((model.getLayer('features.9').output as { shape: unknown }).shape).toEqual([null, 8, 8, 32]);
    expect((model.getLayer('features').output as { shape: unknown }).shape).toEqual([null, 4, 4, 32]);
    expect((model.getLayer('flatten-op').output as { shape: unknown }).shape).toEqual([null, 128]);
    model.dispose();
    close(); // twice is no error
  });

  it('grouped and dilated convolutions, and names that Keras does not allow', async () => {
    const conv = { inChannels: 4, outChannels: 6, kernelSize: [3, 2], stride: [2, 1], padding: [1, 0], bias: true };
    const network = chain({ ...conv, dilation: [1, 2], groups: 2 });
    const x = { shape: [1, 4, 7, 8], data: Float32Array.from({ length: 224 }, (_, i) => Math.cos(i * i)) };
    const own = loadNetwork(network.description, network.weights);
    const expected = await toHost(own.call(Variable.leaf(fromHost(x))).value);
    expect(judgeStage((await predicted(network, x)).y, expected, { e2: 0, eMax: 0 })).toMatchObject({ check: null });
    const { job, close } = openJob({ x, target: { class: 0 }, params: {}, fixtures: {} }, network, {});
    expect((await job.layersModel()).getLayer('_conv stem').name).toBe('_conv stem');
    close();
  });

  it('has gradients, also through a batch norm without weights', async () => {
    const network = goldenNetwork('batch-norm');
    const x = { shape: [1, 3, 32, 32], data: Float32Array.from({ length: 3072 }, (_, i) => Math.sin(i * i)) };
    const { job, close } = openJob({ x, target: { class: 0 }, params: {}, fixtures: {} }, network, {});
    const model = await job.layersModel();
    const gradient = tf.grad((images) => tf.sum(model.apply(images) as tf.Tensor))(fromHost(x));
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    close();
  });

  it('says which operation it cannot express', async () => {
    const network = goldenNetwork('tiny-vgg');
    const description = structuredClone(network.description);
    (description.modules[''] as { calls: unknown[] }).calls.splice(-1, 1, {
      name: 'classifier',
      op: 'cat',
      args: ['flatten', 'flatten'],
      attributes: { dim: 0 },
    });
    const asked = { x: { shape: [1, 3, 32, 32], data: new Float32Array(3072) }, target: { class: 0 } };
    const { job } = openJob({ ...asked, params: {}, fixtures: {} }, { ...network, description }, {});
    await expect(job.layersModel()).rejects.toMatchObject({
      code: 'unsupported',
      message: '"classifier-op" joins images of the batch, which a tf.LayersModel cannot express here',
    });
  });
});

/** One convolution under an odd name. */
function chain(attributes: Record<string, unknown>): AskedNetwork {
  const description: NetworkDescription = {
    format: 'touchstone-network',
    version: 1,
    name: 'a chain',
    why: '',
    input: { shape: [4, 7, 8] },
    modules: {
      '': { type: 'C', inputs: ['x'], calls: [{ name: 'a', module: '_conv stem', args: ['x'] }], output: 'a' },
      '_conv stem': { type: 'Conv2d', attributes },
    },
  };
  const drawn = (shape: number[]) => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(1 + i * i));
    return { shape, data };
  };
  const weights = { '_conv stem.weight': drawn([6, 2, 3, 2]), '_conv stem.bias': drawn([6]) };
  return { folder: '', description, weights };
}
