import { testPublishedSchemas } from '@touchstone/contract/testing';
import { Expectation } from './expectations.js';

testPublishedSchemas({ expectation: Expectation });
