import { colours, curveColours, type Theme } from '../colours.ts';

/** The roles of `src/colours.ts` as a report names them; `ground` and `card` are the page's and a figure's. */
function variables(theme: Theme, { page: ground, panel: card, text, quiet, line } = colours[theme]): string {
  const { trouble, paused, live, accent, bull, bear, neutral } = colours[theme];
  const curves = curveColours[theme].slice(0, 5).map((colour, at) => `--c${at + 1}:${colour}`);
  const half = (colour: string) => `color-mix(in srgb,${colour} 50%,${card})`;
  return `--paper:${ground};--card:${card};--ink:${text};--soft:${quiet};--rule:${line};
--grid:color-mix(in srgb,${line} 55%,${card});${curves.join(';')};--faint:${quiet};
--bullv:${bull};--bullp:${half(bull)};--mixed:${neutral};--bearp:${half(bear)};--bearv:${bear};
--gain:${colours[theme].gain};--loss:${colours[theme].loss};
--bad:${trouble};--warning:${paused};--note:${accent};--good:${live};
--shade:color-mix(in srgb,${trouble} 20%,transparent);color-scheme:${theme}`;
}

/** Paper has no ground of its own. */
const print = { ...colours.light, page: colours.light.panel };

/** Colours keep 7 : 1 against their ground for text and 3 : 1 for marks, in both schemes. */
export const style = `
:root{${variables('light')}}
@media (prefers-color-scheme:dark){:root{${variables('dark')}}}
@media print{:root{${variables('light', print)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1880px;margin:0 auto;padding:28px clamp(16px,3vw,48px) 64px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere;font-weight:650}
h2{font-size:21px;margin:52px 0 6px;padding-top:14px;border-top:2px solid var(--rule);font-weight:650}
h3{font-size:16.5px;margin:26px 0 6px;font-weight:650}figure h3,.panel h3{font-size:14.5px;margin:0 0 6px;font-weight:600}
p{margin:6px 0;max-width:78ch}.lead{color:var(--soft)}
a{color:var(--note)}nav{margin:14px 0 0}nav a{margin-right:18px}
dl.facts{display:flex;flex-wrap:wrap;gap:6px 30px;margin:10px 0 0}
dl.facts div{display:flex;flex-direction:column}dl.facts dt{color:var(--soft);font-size:12.5px}
dl.facts dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.verdict{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:18px 24px;margin:22px 0 0}
.verdict h2{border:0;margin:0 0 8px;padding:0}
.verdict ul{list-style:none;margin:0;padding:0}
.verdict li{display:grid;grid-template-columns:92px 96px 1fr;gap:12px;padding:5px 0;font-size:16px;border-top:1px solid var(--grid)}
.verdict li:first-child{border-top:0}
.verdict li span{color:var(--soft);font-size:14px;padding-top:2px}
.badge{font-weight:650;font-size:13.5px;padding-top:2px}
.badge.bad{color:var(--bad)}.badge.warning{color:var(--warning)}.badge.note{color:var(--note)}.badge.good{color:var(--good)}
.cards{columns:470px;column-gap:18px;margin:14px 0 0}.cards>*{break-inside:avoid;margin:0 0 18px}.cards.half{columns:720px}.cards.wide{columns:1120px}
figure,.panel,.scroll{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:14px 16px;margin:0 0 18px}
.panel h3 span{color:var(--soft);font-weight:400;font-size:13px;margin-left:10px}
figure svg{display:block;width:100%;height:auto;max-width:700px}
figcaption{color:var(--soft);font-size:13px;line-height:1.45;margin-top:8px;max-width:78ch}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;margin:6px 0 0;padding:0;font-size:13px}
.swatch{display:inline-block;width:12px;height:12px;border-radius:2px;margin-right:6px;vertical-align:-1px}
.scroll{overflow-x:auto}.scroll:focus-visible{outline:2px solid var(--note)}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums;width:100%}
caption{text-align:left;font-weight:600;font-size:14.5px;padding-bottom:6px}
th,td{padding:3px 14px 3px 0;text-align:left;border-bottom:1px solid var(--grid);vertical-align:top;white-space:nowrap}
td:last-child,th:last-child{padding-right:0}
thead th{color:var(--soft);font-weight:500;font-size:13px;border-bottom:1px solid var(--rule);vertical-align:bottom}
tbody th{font-weight:400}.n{text-align:right}tr.muted,tr.muted th{color:var(--faint);font-style:italic}
table.sortable button{font:inherit;color:inherit;background:none;border:0;padding:0;margin:0;cursor:pointer;text-align:inherit;white-space:nowrap}
table.sortable button:hover,table.sortable button:focus-visible{text-decoration:underline}
th[aria-sort=ascending] button::after{content:" ▲";font-size:9px}th[aria-sort=descending] button::after{content:" ▼";font-size:9px}
ul.plain{margin:6px 0;padding-left:20px;max-width:90ch}
svg text{font:12.5px system-ui,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--ink);font-variant-numeric:tabular-nums}
svg text.tick,svg .rownote{fill:var(--soft);font-size:12px}svg text.label{fill:var(--soft)}
svg .rownote{font-size:11px}svg g.muted text{fill:var(--faint);font-style:italic}
.grid{stroke:var(--grid)}.axis{stroke:var(--rule)}.reference{stroke:var(--ink);stroke-dasharray:4 4;stroke-width:1.2}
.line{fill:none;stroke-width:2}.whisker{stroke-width:2.4}.band{opacity:.18}
.l1{stroke:var(--c1)}.l2{stroke:var(--c2)}.l3{stroke:var(--c3)}.l4{stroke:var(--c4)}.l5{stroke:var(--c5)}
.f1{fill:var(--c1)}.f2{fill:var(--c2)}.f3{fill:var(--c3)}.f4{fill:var(--c4)}.f5{fill:var(--c5)}
line.muted{stroke:var(--faint)}circle.muted{fill:var(--faint)}
.s1{background:var(--c1)}.s2{background:var(--c2)}.s3{background:var(--c3)}.s4{background:var(--c4)}.s5{background:var(--c5)}
.bullv{fill:var(--bullv);background:var(--bullv)}.bullp{fill:var(--bullp);background:var(--bullp)}
.mixed{fill:var(--mixed);background:var(--mixed)}.bearp{fill:var(--bearp);background:var(--bearp)}.bearv{fill:var(--bearv);background:var(--bearv)}
svg text.onbar{fill:var(--card);font-size:12px}svg text.onbar.bullp,svg text.onbar.bearp{fill:var(--ink)}
.u-legend{font-size:13px;color:var(--ink)}.uplot,.u-wrap{max-width:100%}.u-title{font-size:14.5px}
@media print{body{font-size:10pt}main{max-width:none;padding:0}figure,.panel,.scroll,.verdict{break-inside:avoid}h2,h3{break-after:avoid}
nav,.u-legend{display:none}.scroll{overflow:visible}.cards,.cards.half,.cards.wide{columns:auto}.cards{columns:2}.cards.half,.cards.wide{columns:1}
table{font-size:7.5pt}th,td{white-space:normal;padding-right:8px}thead th{font-size:7pt}
.uplot,.u-wrap{width:100%!important;height:auto!important}.u-wrap canvas{position:static;width:100%!important;height:auto!important}.u-over,.u-under{display:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
@media (max-width:700px){.verdict li{grid-template-columns:1fr;gap:0}}
`;
