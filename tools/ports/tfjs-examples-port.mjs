/**
 * Grad-CAM as tfjs-examples/visualize-convnet computes it, line by line (`gradClassActivationMap` in cam.js), for
 * networks that are a chain of layers: `touchstone verify --port ./tools/ports/tfjs-examples-port.mjs`.
 */
import * as tf from '@tensorflow/tfjs';

const unsupported = (message) => Object.assign(new Error(message), { code: 'unsupported' });

function gradClassActivationMap(model, layer, classIndex, x) {
  let layerIndex = model.layers.indexOf(layer);
  const layerOutput = layer.output;
  const subModel1 = tf.model({ inputs: model.inputs, outputs: layerOutput });
  const newInput = tf.input({ shape: layerOutput.shape.slice(1) });
  layerIndex++;
  let y = newInput;
  while (layerIndex < model.layers.length) y = model.layers[layerIndex++].apply(y);
  const subModel2 = tf.model({ inputs: newInput, outputs: y });
  return tf.tidy(() => {
    const convOutput2ClassOutput = (input) => subModel2.apply(input, { training: true }).gather([classIndex], 1);
    const gradFunction = tf.grad(convOutput2ClassOutput);
    const lastConvLayerOutputValues = subModel1.apply(x);
    const gradValues = gradFunction(lastConvLayerOutputValues);
    const pooledGradValues = tf.mean(gradValues, [0, 1, 2]);
    const scaledConvOutputValues = lastConvLayerOutputValues.mul(pooledGradValues);
    let heatMap = scaledConvOutputValues.mean(-1);
    heatMap = heatMap.relu();
    heatMap = heatMap.div(heatMap.max()).expandDims(-1);
    return tf.image.resizeBilinear(heatMap, [x.shape[1], x.shape[2]]);
  });
}

/** @type {import('@touchstone/port').Port} */
export default {
  name: 'tfjs-examples',
  version: tf.version.tfjs,
  layout: 'NHWC',
  methods: {
    'grad-cam': async ({ layersModel, inputs, target, params }) => {
      if (typeof target.class !== 'number') throw unsupported('the target is not one class');
      const model = await layersModel(tf);
      if (
        model.layers
          .slice(1)
          .some(({ inboundNodes }) => inboundNodes.length > 1 || inboundNodes[0].inputTensors.length > 1)
      )
        throw unsupported('the network is not a chain');
      const x = tf.tensor(inputs.x.data, inputs.x.shape);
      return { attribution: gradClassActivationMap(model, model.getLayer(params.layer), target.class, x) };
    },
  },
};
