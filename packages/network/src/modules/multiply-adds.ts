import type { LeafAttributes, NetworkDescription } from '@touchstone/contract';
import { shapesOf, type Shape } from './shapes.js';

/** Of one forward pass, for estimates of time: those of convolutions and Linear. @param input [N,C,H,W] */
export function multiplyAddsOf(description: NetworkDescription, input: Shape): number {
  let total = 0;
  shapesOf(description, input, ({ attributes, shape }) => {
    const { kernelSize, inChannels, groups, inFeatures } = attributes as Partial<
      LeafAttributes<'Conv2d'> & LeafAttributes<'Linear'>
    >;
    const perValue =
      inChannels !== undefined ? (inChannels / groups!) * kernelSize![0] * kernelSize![1] : (inFeatures ?? 0);
    total += perValue * shape.reduce((product, size) => product * size, 1);
  });
  return total;
}
