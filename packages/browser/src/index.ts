export { findChromium } from './chromium.js';
export { openPage } from './open-page.js';
export type { Page } from './page.js';
export { softwareVulkan } from './vulkan.js';
