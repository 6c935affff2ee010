import { describeLaws } from './describe-laws.js';

describeLaws('float64');
