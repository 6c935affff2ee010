/** Where WebGPU comes from. package.json maps `#gpu` to `gpu-in-page.ts` for a page and to `gpu-in-node.ts` elsewhere. */
export interface Gpu {
  readonly gpu: { requestAdapter(options: object): Promise<object | null> };
  /** Whose it is, in words. */
  readonly host: string;
  /** What to do where it offers no adapter. */
  readonly remedy: string;
}
