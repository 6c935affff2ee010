import { describeExamples } from './describe-examples.js';

describeExamples('cpu');
