import { describeLaws } from './describe-laws.js';

// Every example is a new network and compiles a shader for every new shape: about a second on a software renderer.
describeLaws('webgpu', { seconds: 0.15 });
