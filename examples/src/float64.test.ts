import { describeExamples } from './describe-examples.js';

describeExamples('float64');
