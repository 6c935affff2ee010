export { writeComparisonSheet, type Sheet } from './comparison-sheet.js';
export { Gallery } from './gallery.js';
export { coloursFor, type Colours } from './terminal/colours.js';
export { describeOutcome } from './terminal/failure.js';
export { progressOn, roughly, type ProgressLine } from './terminal/progress.js';
export { renderSummary, type Run } from './terminal/summary.js';
export { formatTable, type Cell } from './terminal/format-table.js';
export { duration, figure, listed } from './text.js';
