/**
 * The domain of Touchstone on one page. Read this first.
 *
 * A *case* (case.ts) is method × network × input × parameters, with a reason to exist. A *network* (network.ts,
 * layers.ts, ops/) is a tree of PyTorch modules with weights. A *golden* (golden.ts) is what PyTorch computed for a
 * case, *stage* by stage. A *port* is an implementation under test; ours, on some *backend*, is the first. Comparing
 * its answer with the golden gives an *outcome* (outcome.ts).
 *
 * Everything that is read from a file or a port is parsed with these schemas; the types that the code uses are inferred
 * from them. Every tensor outside the backends is a `HostTensor` in NCHW layout.
 */
export type { HostTensor, Stages } from './values.js';
export { Name } from './values.js';
export { CaseRow, RequiredStages, isRequired } from './case.js';
export { Target, binValue, headsIn, logitClasses, type ClassTarget } from './target.js';
export { leafAttributes, type LeafAttributes, type LeafType } from './layers.js';
export { opAttributes, type OpAttributes, type OpName } from './ops/index.js';
export { NetworkDescription, type ContainerDescription, type StepCall } from './network.js';
export { normalisationOfLevels, type Preprocess } from './preprocess.js';
export { Errors, GoldenMeta, Manifest } from './golden.js';
export {
  Check,
  Control,
  Errored,
  Failed,
  Footer,
  Header,
  LikelyCause,
  maxShards,
  Outcome,
  Part,
  Passed,
  ResultLine,
  Skipped,
  StageErrors,
  Status,
} from './outcome.js';
export { parseResults, resultsFiles, resultsText, type Results } from './parse-results.js';
export {
  exitStatusOf,
  skipFindings,
  verdictOf,
  type Found,
  type RunStatus,
  type SkipLimit,
  type Verdict,
} from './verdict.js';
