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
export type { Layout, Port, PortAnswer, PortJob, PortMethod, PortNetwork, PortTensor } from './port.js';
