import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  loadOptional,
  logitClasses,
  TouchstoneError,
  type HostTensor,
  type NetworkDescription,
  type Target,
} from '@touchstone/contract';
import { kernelsOf, lazily } from './kernels.js';
import type { TensorFlow } from './layers-model/tensorflow.js';
import { toPortForm, type TensorForm } from './layout.js';
import type { PortJob, PortNetwork, PortTensor } from './port.js';

/** What is asked of a port: NCHW, and nothing of it is the port's. */
export interface Asked {
  readonly x: HostTensor;
  /** `likeliest`: whoever asks leaves it to the port. */
  readonly target: Target | 'likeliest';
  readonly params: Readonly<Record<string, unknown>>;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
}

/** A network whose weights may be read any number of times. */
export interface AskedNetwork {
  readonly folder: string;
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
}

export interface OpenJob {
  readonly job: PortJob;
  /** Disposes the models that the job made; what the port itself made stays. */
  close(): void;
}

/**
 * Everything in the job is a copy, so that a port that writes into it does not spoil its later runs. Weights, kernels
 * and models are made when the port first reads them.
 */
export function openJob(asked: Asked, network: AskedNetwork, form: TensorForm): OpenJob {
  const models: LayersModel[] = [];
  const given = (tensor: HostTensor): PortTensor => copyOf(toPortForm(tensor, form));
  const job: PortJob = {
    network: networkFor(network),
    inputs: { x: given(asked.x) },
    fixtures: Object.fromEntries(Object.entries(asked.fixtures).map(([name, tensor]) => [name, given(tensor)])),
    target: structuredClone(asked.target) as Target,
    get classes() {
      return classesOf(asked);
    },
    params: structuredClone(asked.params),
    layersModel: async (tf) => {
      const { layersModel } = await import('./layers-model/layers-model.js');
      const { description, weights } = network;
      const size = asked.x.shape.slice(2) as [number, number];
      const model = layersModel(tf ?? (await ownLayers()), description, weights, size);
      models.push(model);
      return model;
    },
    onnx: async ({ outputs = [] } = {}) => {
      const { forwardModel } = await import('@touchstone/onnx');
      const size = asked.x.shape.slice(2) as [number, number];
      return forwardModel(network.description, network.weights, { size, outputs });
    },
  };
  const close = () => {
    for (const model of models.splice(0)) dispose(model);
  };
  return { job, close };
}

async function ownLayers(): Promise<TensorFlow> {
  return loadOptional('@tensorflow/tfjs-layers', () => import('@tensorflow/tfjs-layers'));
}

function networkFor({ folder, description, weights }: AskedNetwork): PortNetwork {
  const copies = lazily(Object.keys(weights).map((name) => [name, () => copyOf(weights[name]!)]));
  return {
    folder,
    description: structuredClone(description),
    weights: copies,
    kernels: kernelsOf(description, weights),
  };
}

function classesOf({ target, x }: Asked): number[] {
  const asked = target === 'likeliest' ? null : logitClasses(target);
  if (asked === null) throw new TouchstoneError('unsupported', 'a target that is not a class alone');
  return Array.isArray(asked) ? [...asked] : Array.from({ length: x.shape[0]! }, () => asked);
}

function copyOf({ shape, data }: HostTensor): PortTensor {
  return { shape: [...shape], data: data.slice() };
}

/** A model's own `dispose` leaves the weights of layers that are called twice or that another model shares. */
function dispose(model: LayersModel): void {
  for (const variable of model.weights)
    try {
      variable.dispose();
    } catch {
      // The port has disposed it.
    }
}
