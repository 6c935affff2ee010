/**
 * All examples with their networks and inputs, named as in golden/traces/worked-examples.safetensors.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { NetworkDescription } from '@touchstone/contract';
import type { Network } from '@touchstone/network';
import { alexnet } from './alexnet.js';
import { convPool } from './conv-pool.js';
import { gradCam } from './grad-cam.js';
import { deconv, deconvByBackwardHooks, guided, outOfPlace } from './relu-masks.js';
import { gradientTimesSix, scalarProduct } from './scalar-product.js';
import { surgery } from './surgery.js';

export type Example = { readonly name: string } & (
  | { readonly run: () => Record<string, tf.Tensor> }
  | {
      /** In golden/networks and golden/inputs. */
      readonly network: string;
      readonly input: string;
      readonly prepare?: (description: NetworkDescription) => NetworkDescription;
      /** Returns what the hooks saw, in that order. */
      readonly run: (network: Network, x: tf.Tensor) => Record<string, tf.Tensor>;
    }
);

const category = 5;
const vgg = { network: 'tiny-vgg', input: 'cat-32' };

export const examples: readonly Example[] = [
  { name: 'scalar-product', run: scalarProduct },
  { name: 'gradient-times-six', run: gradientTimesSix },
  { name: 'conv-pool', network: 'worked-conv-pool', input: 'ones-4x4', run: convPool },
  { name: 'deconv', ...vgg, run: (network, x) => ({ 'x.grad': deconv(network, x, category) }) },
  { name: 'guided', ...vgg, run: (network, x) => ({ 'x.grad': guided(network, x, category) }) },
  {
    name: 'deconv-by-backward-hooks',
    ...vgg,
    prepare: outOfPlace,
    run: (network, x) => ({ 'x.grad': deconvByBackwardHooks(network, x, category) }),
  },
  { name: 'grad-cam', ...vgg, run: (network, x) => gradCam(network, x, category, 'features.8') },
  { name: 'alexnet', network: 'alexnet-narrow', input: 'cat-96', run: alexnet },
  { name: 'surgery', ...vgg, run: (network, x) => surgery(network, x, category, 'features.5') },
];
