/** The real ports, why they differ from the goldens, and the images of docs/atlas.md. */

export const ports = [
  { name: 'captum', version: '0.9.0', file: 'captum_port.py' },
  { name: 'pytorch-grad-cam', version: '1.5.7', file: 'pytorch_grad_cam_port.py' },
  { name: 'zennit', version: '0.5.1', file: 'zennit_port.py' },
  { name: 'torch-cam', version: '0.5.0', file: 'torchcam_port.py' },
  { name: 'TensorFlow.js', version: '4.22.0', file: 'tfjs-port.mjs' },
  { name: 'tfjs-examples', version: '(visualize-convnet)', file: 'tfjs-examples-port.mjs' },
  { name: 'onnxruntime-web', version: '1.30.0', file: 'onnxruntime-web-port.mjs' },
];

const onlyModules = 'It replaces the gradient of `nn.ReLU` modules only: functional ReLUs and ReLU6 keep their own.';
const copies = 'It runs in-place ReLUs on copies, so a skip connection carries other values: another network.';
const atSkips =
  'Its hook is on the tensor that a ReLU reads, so at a skip connection it clamps the sum of both gradients.';
const rescaled =
  'It scales each map from its minimum to its maximum, before and after resizing; the paper divides by nothing.';

/**
 * Port and method → the verdict that the reason is about; `kind`: convention, fault, or both. None where all answers
 * agree.
 */
export const reasons = {
  'captum deconv': { verdict: '10 of 14', kind: 'fault', why: `${onlyModules} ${atSkips}` },
  'captum guided-backprop': { verdict: '11 of 17', kind: 'fault', why: `${onlyModules} ${atSkips}` },
  'captum grad-cam': {
    verdict: '1 of 29',
    kind: 'convention',
    why:
      '`LayerGradCam` returns the signed map (`relu_attributions=True` gives the positive part), ' +
      '`LayerAttribution.interpolate` takes the nearest pixel, and nothing is divided by the maximum.',
  },
  'pytorch-grad-cam guided-backprop': { verdict: '7 of 10', kind: 'fault', why: `${onlyModules} ${copies}` },
  'pytorch-grad-cam grad-cam': {
    verdict: '3 of 29',
    kind: 'convention and fault',
    why:
      `${rescaled} It keeps the maps by reference, so an in-place ReLU after the layer overwrites them, and it takes ` +
      'the first call of a layer that is called twice.',
  },
  'pytorch-grad-cam hires-cam': {
    verdict: '0 of 7',
    kind: 'convention',
    why: `${rescaled} It has no signed map, without the ReLU.`,
  },
  'zennit smooth-grad': {
    verdict: '1 of 11',
    kind: 'convention',
    why: 'Its last sample has no noise, so that one sample gives the plain gradient.',
  },
  'zennit deconv': { verdict: '11 of 14', kind: 'fault', why: `${onlyModules} ${copies}` },
  'zennit guided-backprop': { verdict: '12 of 17', kind: 'fault', why: `${onlyModules} ${copies}` },
  'torch-cam cam': {
    verdict: '0 of 6',
    kind: 'convention',
    why: 'It scales each map from its minimum to its maximum; `normalized=False` gives the sum of the paper.',
  },
  'tfjs-examples grad-cam': {
    verdict: '0 of 13',
    kind: 'fault',
    why:
      "It resizes on TensorFlow.js's default grid. It runs the network in training mode, so dropout is active, and " +
      'divides by 0 where a map is 0 everywhere.',
  },
  'torch-cam grad-cam': {
    verdict: '17 of 29',
    kind: 'convention and fault',
    why:
      'It scales each map from its minimum to its maximum, which shows where no position of a map is 0. Its hook is ' +
      "on the layer's output, so an in-place ReLU after the layer changes the maps and the gradient that it sees.",
  },
};

/** Golden, answer and difference, as `touchstone explain` draws them. */
export const images = [
  {
    port: 'captum',
    case: 'grad-cam/tiny-vgg/cat-32/features.6',
    file: 'captum-grad-cam.png',
    text: 'Grad-CAM: golden, Captum, difference. Nearest pixels, and not divided by the maximum.',
  },
  {
    port: 'pytorch-grad-cam',
    case: 'grad-cam/tiny-vgg/cat-32/features.6',
    file: 'pytorch-grad-cam-grad-cam.png',
    text: 'Grad-CAM: golden, pytorch-grad-cam, difference. An in-place ReLU overwrote the maps.',
  },
];
