/** Faults of reading tokens [N,T,D] as maps. */
import * as tf from '@tensorflow/tfjs-core';
import { formOf, toMaps, type MapForm, type ToMaps } from '../core/feature-maps.js';
import { remedy, replacing, type Mutant, type Remedy } from '../core/mutant.js';
import { gradCamFrom } from '../grad-cam/grad-cam.js';
import { hiresCamFrom } from '../hires-cam/hires-cam.js';

type Tokens = NonNullable<MapForm['tokens']>;

const reshape = remedy(
  'Leave out the class token, read the others row by row, and bring the channels first',
  'A.slice([0, skip, 0]).reshape([n, h, w, -1]), which is NHWC',
  'A[:, skip:].reshape(n, h, w, -1).permute(0, 3, 1, 2)',
);

/** A layer's tokens → maps [N,h,w,D], wrongly. */
function reading(
  id: string,
  fault: string,
  fix: Remedy,
  shows: (tokens: Tokens) => boolean,
  read: (output: tf.Tensor, tokens: Tokens, kept: tf.Tensor4D) => tf.Tensor,
): Mutant[] {
  const wrong: ToMaps = (output, form) => {
    const right = toMaps(output, form);
    return form.tokens && shows(form.tokens) ? (read(output, form.tokens, right) as tf.Tensor4D) : right;
  };
  const applies: Mutant['applies'] = ({ params }) => {
    const { tokens } = formOf(params);
    return tokens !== null && shows(tokens);
  };
  return [
    { ...replacing(`cam-${id}`, fault, fix, gradCamFrom({ toMaps: wrong })), applies },
    { ...replacing(`hires-${id}`, fault, fix, hiresCamFrom({ toMaps: wrong })), applies },
  ];
}

const always = (): boolean => true;

export const tokenMutants: readonly Mutant[] = [
  ...reading(
    'token-left-in',
    'the class token is left in the map, and the last patch is cut off',
    reshape,
    ({ skip }) => skip > 0,
    (output, { grid: [h, w] }) => {
      const [n, , channels] = output.shape as [number, number, number];
      return tf.reshape(tf.slice(output, [0, 0, 0], [n, h * w, channels]), [n, h, w, channels]);
    },
  ),
  ...reading(
    'tokens-by-columns',
    'tokens are read column by column',
    remedy(
      'Read tokens row by row: the grid is height, then width',
      'A.slice([0, skip, 0]).reshape([n, h, w, -1])',
      'A[:, skip:].reshape(n, h, w, -1)',
    ),
    ({ grid: [h, w] }) => h > 1 && w > 1,
    (_output, { grid: [h, w] }, right) =>
      tf.transpose(tf.reshape(right, [right.shape[0], w, h, right.shape[3]]), [0, 2, 1, 3]),
  ),
  ...reading(
    'grid-exchanged',
    'the grid is width × height instead of height × width',
    remedy('Name the height first', 'reshape([n, h, w, -1])', 'reshape(n, h, w, -1)'),
    ({ grid: [h, w] }) => h !== w,
    (_output, { grid: [h, w] }, right) => tf.reshape(right, [right.shape[0], w, h, right.shape[3]]),
  ),
  ...reading(
    'tokens-unpermuted',
    'tokens are reshaped to [N,D,h,w] without exchanging tokens and channels first',
    reshape,
    always,
    (_output, { grid: [h, w] }, right) => {
      const [n, , , channels] = right.shape;
      return tf.transpose(tf.reshape(right, [n, channels, h, w]), [0, 2, 3, 1]);
    },
  ),
];
