export { filterVisualization as method } from './filter-visualization.js';
export { filterVisualizationMutants as mutants } from './mutants.js';
