import { describeLaws } from './describe-laws.js';

// Every example is another network, of whose kernels each shape is compiled anew.
describeLaws('webgl', { seconds: 1.5 });
