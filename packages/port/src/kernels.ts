/** Weights of convolutions and of linear layers as TensorFlow.js takes them. */
import { permute, type HostTensor, type LeafAttributes, type NetworkDescription } from '@touchstone/contract';
import type { PortTensor } from './port.js';

/** Whether each input channel has kernels of its own, as `tf.depthwiseConv2d` computes it. */
export function isDepthwise({ groups, inChannels }: LeafAttributes<'Conv2d'>): boolean {
  return groups > 1 && groups === inChannels;
}

/**
 * PyTorch's [out,in/groups,h,w] → [h,w,in/groups,out]; a depthwise one → [h,w,in,multiplier].
 *
 * @param weight [out,in/groups,h,w]
 */
export function convolutionKernel(weight: HostTensor, attributes: LeafAttributes<'Conv2d'>): HostTensor {
  if (!isDepthwise(attributes)) return permute(weight, [2, 3, 1, 0]);
  const { groups, outChannels, kernelSize } = attributes;
  return permute({ shape: [groups, outChannels / groups, ...kernelSize], data: weight.data }, [2, 3, 0, 1]);
}

/** PyTorch's [out,in] → [in,out] */
export function linearKernel(weight: HostTensor): HostTensor {
  return permute(weight, [1, 0]);
}

/** Module path → its kernel, made when it is first read. */
export function kernelsOf(
  { modules }: NetworkDescription,
  weights: Readonly<Record<string, HostTensor>>,
): Record<string, PortTensor> {
  const kernels = new Map<string, () => PortTensor>();
  for (const [path, module] of Object.entries(modules)) {
    if (!('attributes' in module)) continue;
    const attributes = module.attributes as LeafAttributes<'Conv2d'>;
    const weight = () => weights[`${path}.weight`]!;
    if (module.type === 'Conv2d') kernels.set(path, () => toPortTensor(convolutionKernel(weight(), attributes)));
    if (module.type === 'Linear') kernels.set(path, () => toPortTensor(linearKernel(weight())));
  }
  return lazily(kernels);
}

function toPortTensor({ shape, data }: HostTensor): PortTensor {
  return { shape: [...shape], data };
}

/** An object whose values are made when they are first read. */
export function lazily<T>(makers: Iterable<readonly [name: string, make: () => T]>): Record<string, T> {
  const object: Record<string, T> = {};
  for (const [name, make] of makers)
    Object.defineProperty(object, name, {
      enumerable: true,
      configurable: true,
      get: () => {
        const value = make();
        Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
        return value;
      },
    });
  return object;
}
