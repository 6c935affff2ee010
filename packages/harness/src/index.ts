export type { Golden } from './golden/golden-file.js';
export { openGolden, openGoldenNetworks, type GoldenStore } from './golden/golden-store.js';
export { notInstalled } from './golden/golden-part.js';
export type { CaseSource } from './golden/case-source.js';
export { ImageCases, type NamedImage } from './golden/image-cases.js';
export { writeMadeGoldens } from './golden/made-golden-folder.js';
export { fileName, ownCase, ownMethods, type NotMade, type OwnCase } from './golden/own-cases.js';
export { verifyGolden, type GoldenFinding } from './golden/golden-verify.js';
export { expectationsText, knownFailures } from './golden/known-failures.js';
export { exportCases, type ExportedCase } from './golden/export-cases.js';
export { glob, namesIn, selectCases, type Selection } from './run/selection.js';
export { checkChoice, type PortChoice } from './run/open-ports.js';
export {
  verify,
  type JudgedAnswer,
  type Plan,
  type Progress,
  type Verification,
  type VerifyOptions,
} from './run/verify.js';
export { mergeShards, type Merged, type ShardResults } from './run/merge-shards.js';
export { planShard, type PlannedShard, type Shard } from './run/plan.js';
export { readEarlier, readResults, resultsFileIn } from './run/results-file.js';
export type { Summary, WorstRatio } from './run/summary.js';
export { compareEngines, isCompared, verdictOfCompared, type ComparedEngines } from './run/compare-engines.js';
export { checkAnswer, type CheckedAnswer } from './run/check-answer.js';
export { judgeAnswer } from './run/judge-answer.js';
export { explainCase, type CaseExplanation, type ExplainedStage } from './run/explain-case.js';
export { doctor, type Doctor } from './run/doctor.js';
export {
  acceptStock,
  probeBackends,
  probingToJson,
  type Finding,
  type ProbedBackend,
  type Probing,
} from './run/probes/probe-backends.js';
export { runPortCheck, type CheckRow, type NamedPortCheck } from './port-check/check-port.js';
export { portMethods } from './port/port-methods.js';
export { openPortSession } from './port/port-session.js';
export { wordsOf } from './port/process/command-line.js';
export { commandOf } from './port/process/process-port.js';
export { requestFor } from './port/request-for.js';
