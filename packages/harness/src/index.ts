export { openGolden, openGoldenNetworks, type Golden, type GoldenStore } from './golden/golden-store.js';
export { verifyGolden, type GoldenFinding } from './golden/golden-verify.js';
export { selectCases, type Selection } from './run/selection.js';
export { exportCases, type ExportedCase } from './golden/export-cases.js';
export { judge, type Verdict } from './judge/judge.js';
export { verify, type Verification, type VerifyOptions } from './run/verify.js';
export { exitStatus, summarise, type Summary, type WorstRatio } from './run/summary.js';
export { doctor, type Doctor } from './run/doctor.js';
export {
  acceptStock,
  probeBackends,
  probingToJson,
  type Finding,
  type ProbedBackend,
  type Probing,
} from './run/probes/probe-backends.js';
export { nearKink } from './judge/arbitrate.js';
export { requestFor } from './port/request-for.js';
