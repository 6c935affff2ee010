/** The page of the benchmarks. Bundled by the build into dist/page/bundle.js. */
import { servePage } from '@touchstone/session/page';
import { speedExtension } from '../speed/speed-extension.js';

// How much of the GPU process's memory and time belongs to a page is not known.
servePage(speedExtension({ memory: { forget: () => undefined, peak: () => null }, processorMilliseconds: () => null }));
