import { Html } from './escape.js';

export const style = new Html(`
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin: 0; } h2 { font: 600 1rem ui-monospace, monospace; margin: 2.5rem 0 0; overflow-wrap: anywhere; }
section { border-top: 1px solid var(--line); }
.wide { overflow-x: auto; } table { border-collapse: collapse; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 500; opacity: .7; } .number { text-align: right; font-variant-numeric: tabular-nums; }
.passed { color: light-dark(#176b2c, #6fd08c); } .failed { color: light-dark(#b3261e, #ff8a80); }
.skipped { color: light-dark(#7a5b00, #e0b84c); }
.reason { white-space: pre-wrap; overflow-wrap: anywhere; } .about, footer { opacity: .7; } footer { margin: 3rem 0; }
.images { display: flex; flex-wrap: wrap; gap: 1rem; margin: .5rem 0; } figure { margin: 0; }
img { max-width: min(100%, 28rem); height: auto; display: block; image-rendering: auto; }
figcaption { font-size: .85rem; opacity: .7; }
`);
