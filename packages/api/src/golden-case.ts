import type { Target } from '@touchstone/contract';
import { requestFor } from '@touchstone/harness';
import { openJob, type PortJob, type PortTensor } from '@touchstone/port';
import { readNetworkFolder } from '@touchstone/session';
import { findCase, openGoldens, type GoldenOptions } from './goldens.js';
import type { Layout } from './values.js';

export interface GoldenCaseOptions extends GoldenOptions {
  /** Of what is given; default NCHW. */
  readonly layout?: Layout | undefined;
}

/** What a golden case asks, as a port is asked: `inputs.x` is `x` too. */
export interface GoldenCase extends Omit<PortJob, 'inputs'> {
  readonly id: string;
  readonly method: string;
  /** Why the case exists. */
  readonly why: string;
  /** The preprocessed images, [N,C,H,W] or, where NHWC is asked for, [N,H,W,C]. */
  readonly x: PortTensor;
  readonly target: Target;
}

/**
 * A case by its id, such as `grad-cam/tiny-vgg/cat-32`: what a test computes its map from.
 *
 * @throws TouchstoneError `unknown-name`, `missing-package`, `golden-damaged`
 */
export async function goldenCase(id: string, options: GoldenCaseOptions = {}): Promise<GoldenCase> {
  const store = openGoldens(options);
  const row = findCase(store, id);
  store.checkCases([row]);
  const stored = store.readCase(row);
  const { x, target, params, fixtures } = requestFor(row, stored);
  const { folder, description, weights } = readNetworkFolder(stored.networkFolder);
  const asked = { x, target: target as Target, params, fixtures };
  const { job } = openJob(asked, { folder, description, weights }, { layout: options.layout });
  return {
    id,
    method: row.method,
    why: row.why,
    x: job.inputs.x,
    network: job.network,
    fixtures: job.fixtures,
    target: job.target,
    get classes() {
      return job.classes;
    },
    params: job.params,
    layersModel: job.layersModel,
    onnx: job.onnx,
  };
}
