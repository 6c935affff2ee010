/** A source of WebGPU. package.json maps `#gpu` to `gpu-in-page.ts` for a page and to `gpu-in-node.ts` elsewhere. */
export interface Gpu {
  readonly gpu: { requestAdapter(options: object): Promise<object | null> };
  /** The provider, for people. */
  readonly host: string;
  /** The hint of the error when it offers no adapter. */
  readonly remedy: string;
}
