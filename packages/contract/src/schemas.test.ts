import { CaseRow, GoldenMeta, Manifest, NetworkDescription, ResultLine } from './domain/index.js';
import { testPublishedSchemas } from './testing/schemas.js';

testPublishedSchemas({
  'results-line': ResultLine,
  network: NetworkDescription,
  case: CaseRow,
  golden: GoldenMeta,
  manifest: Manifest,
});
