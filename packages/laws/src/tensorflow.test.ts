import { describeLaws } from './describe-laws.js';

// SmoothGrad's laws run hundreds of small passes per example; TensorFlow is made for large ones.
describeLaws('tensorflow', { seconds: 0.3 });
