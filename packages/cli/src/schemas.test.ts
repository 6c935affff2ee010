import { testPublishedSchemas } from '@touchstone/contract/testing';
import { AnswerRecord } from './answer-record.js';
import { jsonOutputs } from './json-outputs.js';

testPublishedSchemas({ ...jsonOutputs, 'answer-record': AnswerRecord });
