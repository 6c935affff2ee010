/**
 * Remedies of faults that several mutants have; `g` is a gradient, NHWC in TF.js and NCHW in PyTorch. Their code is
 * pasted as it is: it must be right for a batch, and for a map of zeros.
 */
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
/** A map without positive values stays zeros. */
export const dividedByMaximum = {
  javascript: 'map.divNoNan(map.max([1, 2, 3], true))',
  python: 'map / torch.where((m := map.amax((1, 2, 3), keepdim=True)) > 0, m, 1.0)',
} as const;
export const byOwnMaximum = remedy(
  "Divide each image's map by its own maximum, and leave a map of zeros as it is",
  dividedByMaximum.javascript,
  dividedByMaximum.python,
);
export const normaliseBeforeResizing = remedy(
  "Divide each image's map by its own maximum before it is resized, and return what the resize gives",
  `tf.image.resizeBilinear(${dividedByMaximum.javascript}, [h, w], false, true)`,
  `F.interpolate(${dividedByMaximum.python}, (h, w), mode='bilinear')`,
);
/** Of maps with signs. */
export const byOwnLargestMagnitude = remedy(
  "Divide each image's map by its own largest magnitude, and leave a map of zeros as it is",
  'map.divNoNan(map.abs().max([1, 2, 3], true))',
  'map / torch.where((m := map.abs().amax((1, 2, 3), keepdim=True)) > 0, m, 1.0)',
);
export const magnitudeBeforeResizing = remedy(
  "Divide each image's map by its own largest magnitude before it is resized, and return what the resize gives",
  `tf.image.resizeBilinear(${byOwnLargestMagnitude.javascript}, [h, w], false, true)`,
  `F.interpolate(${byOwnLargestMagnitude.python}, (h, w), mode='bilinear')`,
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
  'g.divNoNan(g.square().sum([1, 2, 3], true).sqrt())',
  'F.normalize(g.flatten(1)).view_as(g)',
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
export const averageOverSpace = remedy(
  'Average over the height and the width of the maps',
  'g.mean([1, 2]), where g is NHWC',
  'g.mean((2, 3)), where g is NCHW',
);
export const multiplyGradients = remedy(
  'Multiply the gradients as they are',
  'g.mul(A).sum(3, true)',
  '(g * A).sum(1, keepdim=True)',
);
export const askedLayer = remedy(
  'Take the layer whose path is params.layer; where that is null, the last layer whose output is a map',
  'model.getLayer(job.params.layer)',
  'model.get_submodule(params["layer"])',
);
