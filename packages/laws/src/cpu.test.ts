import { describeLaws } from './describe-laws.js';

// wasm runs the same code of ours.
describeLaws('cpu', { runs: 8 });
