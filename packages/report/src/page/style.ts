/** The style of the pages: dark and light as the reader has it, 390 pixels and more, and paper. */
export const style = `
:root { color-scheme: light dark; --bg: light-dark(#fff, #15171a); --fg: light-dark(#1b1e23, #e6e8eb);
  --quiet: light-dark(#5a626e, #a3abb6); --line: light-dark(#d9dde3, #363b43); --raised: light-dark(#f5f6f8, #1e2126);
  --link: light-dark(#0b57d0, #8ab4f8); --good: light-dark(#14652a, #74d391); --bad: light-dark(#b3261e, #ff8f86);
  --odd: light-dark(#745400, #e3bb52); --good-bg: light-dark(#e7f5ea, #16281b); --bad-bg: light-dark(#fdeceb,
  #381b1a);
  --odd-bg: light-dark(#fbf3dc, #2c2512); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--fg); font: 15px/1.5 system-ui, sans-serif; }
.page { max-width: 110rem; margin: 0 auto; padding: 0 1.25rem; }
a { color: var(--link); } :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.25rem; margin: 1rem 0 .5rem; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; } h4 { font-size: .9rem; margin: .75rem 0 .25rem; }
p { margin: .4rem 0; } small { font-weight: 400; color: var(--quiet); }
.about, .note, footer, summary, figcaption, dt { color: var(--quiet); font-size: .875rem; }
footer { margin: 2rem 0; } kbd { border: 1px solid var(--line); border-radius: 3px; padding: 0 .3em; }
pre, code, .reason { font: .8125rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
.reason { margin: .5rem 0; } h2, th, td, dd, li { overflow-wrap: anywhere; }
pre, .reason, .cause { background: var(--raised); padding: .5rem .75rem; border-radius: 4px; }
.passed { color: var(--good); } .failed, .errored, .broken { color: var(--bad); } .fixed { color: var(--good); }
.skipped, .partial, .gone, .other { color: var(--odd); } .incomplete, .damaged { color: var(--bad); }
.mark, .change { white-space: nowrap; font-weight: 600; }
.verdict { font-size: 1.05rem; padding: .5rem .75rem; border-radius: 4px; border-left: 4px solid; margin: .25rem 0; }
.verdict span { color: var(--fg); } .verdict strong span { color: inherit; }
.verdict strong { margin-right: .5rem; } .verdict.passed { background: var(--good-bg); }
.verdict.failed, .verdict.errored, .verdict.damaged, .verdict.incomplete, .problem { background: var(--bad-bg); }
  .verdict.partial { background: var(--odd-bg); }
.problem { color: var(--bad); padding: .4rem .75rem; border-radius: 4px; font-weight: 600; overflow-wrap: anywhere; }
.run h2 { margin: .75rem 0 .25rem; overflow-wrap: anywhere; } .note, .provenance { overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; } dd { margin: 0; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line); } thead th { font-weight: 500; color: var(--quiet); font-size: .875rem; }
tbody th { font-weight: 500; } thead th { overflow-wrap: normal; white-space: nowrap; }
.number { white-space: nowrap; text-align: right; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; max-width: 100%; } .wide th, .wide td { overflow-wrap: normal; white-space: nowrap; }
.matrix th, .matrix td { white-space: nowrap; border: 1px solid var(--line); padding: .2rem .6rem; }
.matrix thead th, .matrix tbody th { background: var(--raised); color: var(--fg); }
.matrix tbody th { position: sticky; left: 0; } .matrix .total th, .matrix .total td { border-bottom-width: 3px; }
.matrix td.cell { padding: 0; } .matrix .cell a { display: flex; gap: 1rem; justify-content: space-between;
  padding: .2rem .6rem; text-decoration: none; color: var(--fg); }
.matrix .cell.failed { background: var(--bad-bg); } .matrix .cell.skipped { background: var(--odd-bg); }
.matrix .cell a:hover, .matrix .cell a[aria-current] { box-shadow: inset 0 0 0 2px var(--link); }
.matrix td { position: relative; }
.compact .word { position: absolute; clip-path: inset(50%); width: 1px; overflow: hidden; }
.worst { font-variant-numeric: tabular-nums; color: var(--quiet); } .cell.failed .worst { color: var(--bad); }
.run-name { max-width: 14rem; white-space: normal !important; }
.changes a { margin-right: 1rem; }
.runs td { white-space: normal; min-width: 7rem; }
.trend { display: flex; gap: .75rem; } .trend .line { display: flex; gap: .3rem; align-items: center; }
.trend svg { display: block; } polyline { fill: none; stroke: currentColor; stroke-width: 1.5; }
circle { fill: currentColor; }
.filters { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: end; margin-bottom: .5rem; }
.filters label { display: grid; font-size: .8125rem; color: var(--quiet); max-width: 100%; }
.filters .search { flex: 1 1 14rem; } .filters select { max-width: 14rem; }
input, select, button { font: inherit; color: var(--fg); background: var(--bg);
  border: 1px solid light-dark(#878e99, #767e8a);
  border-radius: 4px; padding: .3rem .5rem; min-width: 0; } button { cursor: pointer; }
.hits { flex-basis: 100%; margin: 0; } .hits button { margin-left: .5rem; }
.list { width: 100%; } .list tr.open { background: var(--raised); } .list a { text-decoration: none; }
.list tbody a { display: block; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 2rem; }
.details { min-width: 0; } h2:focus { outline: none; } .details .close { float: right; margin: 0; }
  .details h2 { margin-top: 0; }
.cause { border-left: 4px solid var(--odd); } .cause h3 { margin-top: 0; }
.cause ul { margin: .25rem 0; padding-left: 1.25rem; } ul.cause { margin: 0; padding-left: 1.75rem; }
.remedy { overflow-wrap: anywhere; font-weight: 600; }
.replay pre { margin: .25rem 0; } figure { margin: 0; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .5rem; max-width: 56rem; }
.of-run .panels { grid-template-columns: repeat(var(--columns), minmax(0, 10rem)); } .of-run { margin: .75rem 0; }
 .of-run p { margin: .25rem 0; overflow-wrap: anywhere; } .none { color: var(--quiet); }
figcaption { overflow-wrap: anywhere; }
.panel { position: relative; overflow: hidden; width: 100%; background: #fff; }
.panel::after { content: ''; position: absolute; inset: 0; border: 1px solid #888; }
.panel img { position: absolute; max-width: none; image-rendering: pixelated; }
.legend { display: flex; gap: .5rem; align-items: center; font-size: .8125rem; font-variant-numeric: tabular-nums; }
.legend .scale { width: 8rem; height: .75rem; border: 1px solid var(--line);
  background: linear-gradient(to right, #00f, #fff, #f00); }
.legend .not-finite { width: .75rem; height: .75rem; background: #ffd600; border: 1px solid var(--line); }
.sheet img { max-width: 100%; image-rendering: pixelated; }
.images { display: flex; flex-wrap: wrap; gap: 1rem; } .images img { display: block; max-width: min(100%, 18rem);
  height: auto; }
@media (min-width: 1100px) {
  .with-details .columns { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .with-details .details { position: sticky; top: 0; max-height: 100vh; overflow-y: auto; padding: 1rem 1rem 2rem;
    border-left: 1px solid var(--line); align-self: start; }
}
@media (max-width: 1099px) { .with-details .overview, .with-details header .wide { display: none; } }
@media (max-width: 640px) {
  body { font-size: 14px; } .page { padding: 0 .75rem; }
  .filters label { flex: 1 1 8rem; } .filters select { max-width: none; width: 100%; }
  .list thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
  .list, .list tbody { display: block; } .list tr { display: flex; flex-wrap: wrap; gap: 0 .75rem; padding: .4rem 0;
    border-bottom: 1px solid var(--line); } .list th, .list td { border: 0; padding: 0; }
  .list tbody th { flex: 1 0 100%; }
  .list [data-label]::before { content: attr(data-label) " "; color: var(--quiet); font-size: .8125rem; }
  .matrix .cell a { flex-direction: column; gap: 0; } .matrix .counts > span { display: block; }
  .matrix th, .matrix td, .matrix .cell a { padding: .2rem .4rem; } .matrix tbody th { white-space: normal; }
  .list tbody a { padding: .2rem 0; } .panels { grid-template-columns: 1fr 1fr; }
  .wide .list th, .wide .list td { white-space: normal; overflow-wrap: anywhere; }
}
@media print {
  :root { color-scheme: light; } .filters, .close, .more, .replay button, footer { display: none; }
  .with-details .overview { display: block; } .with-details .columns { display: block; }
  .with-details .details { position: static; max-height: none; overflow: visible; border: 0; }
  .wide { overflow: visible; } tr, figure { break-inside: avoid; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`;
