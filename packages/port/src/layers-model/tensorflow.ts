import type { layers } from '@tensorflow/tfjs-layers';

export type Layer = layers.Layer;
export type Shape = (number | null)[];

/** What of `tf` is needed to build a model: a port may use another copy of TensorFlow.js than we do. */
export interface TensorFlow {
  readonly layers: typeof layers;
  readonly input: (config: { shape: Shape; name: string }) => ReturnType<typeof layers.input>;
  readonly model: typeof import('@tensorflow/tfjs-layers').model;
}
