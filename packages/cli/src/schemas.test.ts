import { testPublishedSchemas } from '@touchstone/contract/testing';
import { jsonOutputs } from './json-outputs.js';

testPublishedSchemas(jsonOutputs);
