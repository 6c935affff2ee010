/** Remedies of faults that several mutants have; `g` is a gradient, NHWC in TF.js and NCHW in PyTorch. */
import { remedy } from '../core/mutant.js';

export const ofLogit = remedy(
  'Take the gradient of the logit, without softmax',
  'logits.mul(tf.oneHot(classes, n)).sum()',
  'logits[range(len(c)), c].sum().backward()',
);
export const resizeAsPyTorch = remedy(
  'Resize bilinearly with half-pixel centres',
  'tf.image.resizeBilinear(map, [h, w], false, true)',
  "F.interpolate(map, (h, w), mode='bilinear', align_corners=False)",
);
export const byOwnMaximum = remedy(
  "Divide each image's map by its own maximum",
  'map.div(map.max([1, 2, 3], true))',
  'map / map.amax((1, 2, 3), keepdim=True)',
);
export const normaliseBeforeResizing = remedy(
  'Divide the map by its maximum before it is resized',
  'tf.image.resizeBilinear(map.div(map.max()), [h, w], false, true)',
  "F.interpolate(map / map.max(), (h, w), mode='bilinear')",
);
export const addUpChannels = remedy('Add up the channels', 'weighted.sum(3, true)', 'weighted.sum(1, keepdim=True)');
export const copyMaps = remedy(
  'Copy the feature maps when the layer returns, before a later layer changes them',
  'output.clone()',
  'output.detach().clone()',
);
export const rectifyMap = remedy('Apply a ReLU to the map', 'tf.relu(map)', 'F.relu(map)');
export const guidedRule = remedy(
  'Give every ReLU and ReLU6 this gradient, functional ones too',
  'tf.customGrad((x, save) => (save([x]), { value: x.relu(), gradFunc: (dy, [x]) => dy.relu().mul(x.step()) }))',
  'class GuidedReLU(torch.autograd.Function): return grad.clamp(min=0) * (x > 0)',
);
export const deconvRule = remedy(
  'Give every ReLU and ReLU6 this gradient, functional ones too',
  'tf.customGrad((x) => ({ value: x.relu(), gradFunc: (dy) => dy.relu() }))',
  'class DeconvReLU(torch.autograd.Function): return grad.clamp(min=0)',
);
export const byEuclideanNorm = remedy(
  'Divide by the Euclidean norm of each image',
  'g.div(g.square().sum([1, 2, 3], true).sqrt())',
  'g / g.flatten(1).norm(dim=1).view(-1, 1, 1, 1)',
);
export const freshNoise = remedy(
  'Give SmoothGrad fresh noise for every sample and image',
  'tf.randomNormal(x.shape)',
  'torch.randn_like(x)',
);
export const subtractDecay = remedy(
  'Subtract the gradient of decay·‖x‖² from the gradient that is ascended',
  'g.sub(x.mul(2 * decay))',
  'g - 2 * decay * x',
);
export const byOwnMagnitude = remedy(
  'Scale each image by its own largest magnitude',
  'g.abs().max([1, 2, 3], true)',
  'g.abs().amax((1, 2, 3), keepdim=True)',
);
export const averageOverSpace = remedy('Average over space', 'g.mean([1, 2])', 'g.mean((2, 3))');
export const multiplyGradients = remedy('Multiply the gradients as they are', 'g.mul(A).sum(3)', '(g * A).sum(1)');
