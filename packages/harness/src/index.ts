export { openGolden, type Golden, type GoldenStore, type SketchProbes } from './golden-store.js';
export { verifyGolden, type GoldenFinding } from './golden-verify.js';
export { readNetworkFolder, type NetworkFolder } from './network-folder.js';
export { selectCases, type Selection } from './selection.js';
export { exportCases, type ExportedCase } from './export-cases.js';
export { judge, type Verdict } from './judge.js';
export { verify, type Verification, type VerifyOptions } from './verify.js';
export { exitStatus, summarise, type Summary, type WorstRatio } from './summary.js';
export { doctor, type Doctor } from './doctor.js';
