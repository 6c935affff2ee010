import { afterEach, describe, expect, it, vi } from 'vitest';
import { backends } from './index.js';
import { pageBackends } from './page.js';
import { isSoftware } from './renderer.js';
import { webgl } from './webgl.js';
import { webgpu } from './webgpu.js';

it('a page has every backend that can run there', () => {
  expect(pageBackends).toEqual(backends.filter(({ runtimes }) => runtimes.includes('page')));
});

it.each([
  ['ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)', true],
  ['ANGLE (Mesa, llvmpipe (LLVM 15.0.6, 256 bits), OpenGL 4.5)', true],
  ['ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0, D3D11)', true],
  ['llvmpipe (LLVM 15.0.6), lavapipe', true],
  ['ANGLE (NVIDIA, Vulkan 1.3.242 (NVIDIA H100 80GB HBM3 (0x00002330)), NVIDIA)', false],
  ['ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)', false],
  ['ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)', false],
])('%s: software %s', (renderer, softwareRenderer) => expect(isSoftware(renderer)).toBe(softwareRenderer));

describe('outside a page', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('webgl is unavailable', async () => {
    expect(await webgl.probe()).toEqual({
      status: 'unavailable',
      reason: 'WebGL 2 is not available here. Open chrome://gpu in the browser to see why.',
    });
  });

  it('webgpu is unavailable without a Vulkan driver, with a hint', async () => {
    vi.stubEnv('VK_ICD_FILENAMES', '/nowhere.json');
    vi.stubEnv('VK_DRIVER_FILES', '/nowhere.json');
    expect(await webgpu.probe()).toEqual({
      status: 'unavailable',
      reason:
        'Dawn in Node offers no WebGPU adapter. ' +
        'Install a Vulkan driver and its loader (on Debian: mesa-vulkan-drivers and libvulkan1).',
    });
  });

  it('webgpu computes the same twice on Dawn, with any driver, such as that of Chromium', async (context) => {
    const found = await webgpu.probe();
    context.skip(found.status === 'unavailable', found.status === 'unavailable' ? found.reason : '');
    expect(found).toMatchObject({ device: expect.stringMatching(/, Dawn in Node$/) as string, precision: 'float32' });
    const tf = await import('@tensorflow/tfjs-core');
    await webgpu.open();
    expect(tf.getBackend()).toBe('webgpu');
    const before = tf.memory().numTensors;
    const product = tf.tidy(() =>
      tf.matMul(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
        tf.tensor2d([[5], [6]]),
      ),
    );
    expect([...(await product.data())]).toEqual([17, 39]);
    product.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(webgpu.whyLost!()).toBeNull();
    (tf.backend() as unknown as { device: { destroy(): void } }).device.destroy();
    await expect.poll(() => webgpu.whyLost!()).toMatch(/the WebGPU device was lost \(destroyed\)/);
  });
});
