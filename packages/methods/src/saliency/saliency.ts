import { inputGradientMethod, plainSteps, type InputGradientSteps } from '../steps/input-gradient.js';

const about = {
  id: 'saliency',
  title: 'Saliency: the gradient of the logit with respect to the image',
  source: 'Simonyan, Vedaldi, Zisserman 2013, section 3.1, equation 3',
  image: 'gradient',
  reluRule: 'plain',
} as const;

export const saliencyFrom = (steps: Partial<InputGradientSteps>) =>
  inputGradientMethod(about, 'abs-max', { ...plainSteps, ...steps });
export const saliency = saliencyFrom({});
