import { describeExamples } from './describe-examples.js';

describeExamples('wasm');
