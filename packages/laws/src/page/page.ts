/**
 * What runs in the page: the laws, on a backend that needs a browser. Bundled by the build into dist/page/bundle.js.
 */
import { servePage } from '@touchstone/session/page';
import { holdExtension } from '../hold.js';

servePage(holdExtension);
