/** The verifier's page. Bundled by the build into dist/page/bundle.js. */
import { servePage } from '../runtimes/page-program.js';

servePage();
