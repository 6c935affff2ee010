export { classVisualization as method } from './class-visualization.js';
export { classVisualizationMutants as mutants } from './mutants.js';
