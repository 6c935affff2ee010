export { noMethod, PortModule } from './port-module.js';
export { readAnswer } from './read-answer.js';
export { servePort } from './serve.js';
export { openJob, type Asked, type AskedNetwork, type OpenJob } from './job.js';
export { fromPortLayout, toPortForm, toPortLayout, type TensorForm } from './layout.js';
export {
  HelloMessage,
  HelloReply,
  PortMessage,
  PortReply,
  RunMessage,
  RunReply,
  StopMessage,
  StopReply,
} from './messages.js';
export type { TensorFlow } from './layers-model/tensorflow.js';
export type { Layout, Port, PortAnswer, PortJob, PortMethod, PortNetwork, PortTensor, PortValues } from './port.js';
