import { describeLaws } from './describe-laws.js';

// Every example is a new network, and a shader is compiled for every new shape: in software it takes about a second.
describeLaws('webgpu', { seconds: 0.5 });
