import type { NetworkDescription } from '@touchstone/contract';
import { shapesOf, type Shape } from './shapes.js';

/** Of one forward pass, for estimates of time: those of convolutions and matrix products. @param input [N,C,H,W] */
export function multiplyAddsOf(description: NetworkDescription, input: Shape): number {
  let total = 0;
  shapesOf(description, input, ({ multiplyAdds }) => void (total += multiplyAdds));
  return total;
}
