import { describeLaws } from './describe-laws.js';

describeLaws('tensorflow');
