/** What an answer is that holds another stage in the place of the one that is asked for. */
import { remedy, type Remedy } from '../core/mutant.js';
import { byOwnMaximum, resizeAsPyTorch } from '../mutants/remedies.js';

export interface StageInPlace {
  readonly fault: string;
  readonly remedy: Remedy;
}

type Words = Readonly<Record<string, StageInPlace>>;

const ofImages = (what: string): Remedy => remedy(`Return ${what}, of the size of the image`);

const ofMaps: Words = {
  normalised: { fault: 'the map is not resized to the image', remedy: resizeAsPyTorch },
  map: {
    fault: 'the map is neither divided by its maximum nor resized to the image',
    remedy: remedy(
      `${byOwnMaximum.how}; then resize it bilinearly with half-pixel centres`,
      `map = ${byOwnMaximum.javascript}, then ${resizeAsPyTorch.javascript}`,
      `map = ${byOwnMaximum.python}, then ${resizeAsPyTorch.python}`,
    ),
  },
  activations: {
    fault: 'the feature maps of the layer, without weights, are returned',
    remedy: remedy('Weight the feature maps, and add them up over the channels'),
  },
  gradient: {
    fault: 'the gradient at the layer is returned instead of a map',
    remedy: remedy('Multiply the feature maps by the gradient, or by its mean, and add them up over the channels'),
  },
  weights: {
    fault: 'the weights of the channels are returned instead of a map',
    remedy: remedy('Weight the feature maps, and add them up over the channels'),
  },
};
const ofGradients: Words = {
  gradient: {
    fault: 'the channels of the gradient are not reduced',
    remedy: remedy('Reduce the channels as the parameter "reduce" says'),
  },
  average: {
    fault: 'the channels of the averaged gradient are not reduced',
    remedy: remedy('Reduce the channels as the parameter "reduce" says'),
  },
  sigma: {
    fault: 'the standard deviation of the noise is returned instead of a map',
    remedy: ofImages('the averaged gradient'),
  },
};

/** Method → stage → what an attribution is that holds this stage. */
const words: Readonly<Record<string, Words>> = {
  'grad-cam': ofMaps,
  'hires-cam': ofMaps,
  cam: ofMaps,
  saliency: ofGradients,
  'smooth-grad': ofGradients,
  'guided-backprop': ofGradients,
  deconv: ofGradients,
};
const logits: StageInPlace = {
  fault: "the network's outputs are returned instead of a map",
  remedy: remedy('Return the attribution: its shape is in the list of the stages of the method'),
};

const size = (shape: readonly number[]): string => shape.slice(-2).join('×');

/**
 * @param stage that is held
 * @param place of which stage
 */
export function stageInPlace(
  method: string,
  stage: { readonly name: string; readonly shape: readonly number[] },
  place: { readonly name: string; readonly shape: readonly number[] },
): StageInPlace & { readonly sizes?: string } {
  const known = stage.name === 'logits' ? logits : words[method]?.[stage.name];
  if (place.name !== 'attribution' || known === undefined)
    return {
      fault: `the stage "${stage.name}", [${stage.shape.join()}], is given as "${place.name}", [${place.shape.join()}]`,
      remedy: remedy(`Return the stage "${place.name}" under its own name`),
    };
  const areMaps = stage.shape.length === 4 && place.shape.length === 4 && size(stage.shape) !== size(place.shape);
  return areMaps ? { ...known, sizes: `${size(stage.shape)} for ${size(place.shape)}` } : known;
}
