/** Whether the renderer of that name is a software renderer, which computes on the CPU. */
export function isSoftware(renderer: string): boolean {
  return /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i.test(renderer);
}
