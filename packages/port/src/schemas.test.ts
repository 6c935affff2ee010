import { testPublishedSchemas } from '@touchstone/contract/testing';
import { PortMessage, PortReply } from './messages.js';

testPublishedSchemas({ 'port-message': PortMessage, 'port-reply': PortReply });
