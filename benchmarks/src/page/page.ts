/** The page of the benchmarks. The build bundles it into dist/page/bundle.js. */
import { servePage } from '@touchstone/session/page';
import { speedExtension } from '../speed/speed-extension.js';

// A page cannot know its share of the GPU process's memory and time.
servePage(speedExtension({ memory: { forget: () => undefined, peak: () => null }, processorMilliseconds: () => null }));
