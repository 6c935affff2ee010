/**
 * The laws in a page, for backends that need a browser. The build bundles it as dist/page/bundle.js.
 */
import { servePage } from '@touchstone/session/page';
import { holdExtension } from '../hold.js';

servePage(holdExtension());
