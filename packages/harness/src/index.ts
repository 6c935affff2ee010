export { openGolden, type Golden, type GoldenStore, type SketchProbes } from './golden-store.js';
export { verifyGolden, type GoldenFinding } from './golden-verify.js';
export { readNetworkFolder } from './network-folder.js';
export type { NetworkFolder } from './network-parts.js';
export { selectCases, type Selection } from './selection.js';
export { exportCases, type ExportedCase } from './export-cases.js';
export { judge, type Verdict } from './judge.js';
export { verify, type Verification, type VerifyOptions } from './verify.js';
export { exitStatus, summarise, type Summary, type WorstRatio } from './summary.js';
export { doctor, type Doctor } from './doctor.js';
export {
  acceptStock,
  probeBackends,
  probingToJson,
  type Finding,
  type ProbedBackend,
  type Probing,
} from './probes/probe-backends.js';
export { openTeam, type Joined, type OpenTeam } from './team/team.js';
export { BatchFile, batchingOn } from './batch-file.js';
export { readText } from './files.js';
export { machine } from './machine.js';
export { nearKink } from './arbitrate.js';
export { Engine } from './engine.js';
export { jobOf } from './engine-port.js';
export { taskOf } from './run-case.js';
export type { Help, Job } from './protocol.js';
