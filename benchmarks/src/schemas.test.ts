import { testPublishedSchemas } from '@touchstone/contract/testing';
import { PublishedRow } from './benchmark.js';

testPublishedSchemas({ 'bench-row': PublishedRow });
