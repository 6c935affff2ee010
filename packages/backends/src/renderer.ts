/** Whether a renderer of that name computes on the CPU what a GPU would. */
export function isSoftware(renderer: string): boolean {
  return /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i.test(renderer);
}
