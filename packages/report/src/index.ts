export { Gallery } from './gallery.js';
export { coloursFor, type Colours } from './terminal/colours.js';
export { progressOn, type ProgressLine } from './terminal/progress.js';
export { renderSummary, type Run } from './terminal/summary.js';
export { formatTable, type Cell } from './terminal/table.js';
export { clean, duration } from './text.js';
