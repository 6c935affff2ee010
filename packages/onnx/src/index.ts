export { forwardModel, opset, type ForwardOptions } from './forward-model.js';
