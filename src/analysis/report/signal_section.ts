import { present } from '../../errors.ts';
import { formatCount, formatFixed } from '../../format.ts';
import { duration, type Html, html, intervalPlot, linePlot, type Row, rangeText, table } from '../../report/index.ts';
import type { AnalysisReport } from '../analysis_report.ts';
import { type Dimension, dimensions, rateS, volatilityS } from '../signal_record.ts';
import type { EdgeResult, MovePath, SignalStudy } from '../signal_study.ts';
import { regimeWords } from '../verdict.ts';

const titles: Readonly<Record<Dimension, string>> = {
  hour: 'By hour, New York time',
  spread: 'By spread',
  volatility: 'By realised volatility',
  rate: 'By event rate',
};
const abouts: Readonly<Record<Dimension, string>> = {
  hour: 'The hour of the bin in which the signal fires.',
  spread: 'Best ask less best bid at the end of that bin; the classes are fixed beforehand.',
  volatility: `Root of the summed squared moves of the mid over the last ${volatilityS} s; terciles of the values before the bin, so nothing later decides the class.`,
  rate: `Events of the last ${rateS} s; terciles of the values before the bin, so nothing later decides the class.`,
};

/** The derivative signal's directional edge, overall and by regime. */
export function signalSection({ signal, subject }: AnalysisReport): Html {
  const { rules } = signal;
  const hold = duration(rules.maxHoldBins * subject.cellWidthMs * 1e6);
  return html`<section class="long" aria-labelledby="regimes"><h2 id="regimes">Derivative signal and regimes</h2>
<p class="lead">Trades open where the score crosses ±${rules.threshold}, at least ${rules.cooldownBins} bins apart, and end at +${rules.tpTicks} or −${rules.slTicks} ticks or after ${hold}. Gains are of the mid, before costs, so that chance is 0 whatever the exits. Rates have Wilson intervals, which take trades for independent and are too narrow where trades overlap; gains have block-bootstrap ones (95 %); p is two-sided against the same firings moved round the clock inside the same regime; q corrects for all judged rows of a table (Benjamini–Hochberg). Fewer than ${signal.fewestFirings} firings, or firings in fewer than ten stretches of time, are shown in grey and not judged. A take-profit rate of ${formatFixed(signal.breakEvenRate * 100, 1)} % earns nothing if no trade times out.</p>
<div class="cards">${thresholdPlot(signal)}${pathPlot(signal, subject.cellWidthMs)}${flowPlot(signal, subject.cellWidthMs)}${dimensions.map((dimension) => regimePlot(signal, dimension))}</div>
<div class="cards wide">${edgeTable(
    'By threshold',
    'threshold',
    signal.thresholds.map((edge) => ({ name: `±${edge.threshold}`, edge })),
  )}
${edgeTable(
  `By regime, at ±${rules.threshold}`,
  'regime',
  signal.regimes.map((edge) => ({ name: regimeWords(edge), edge })),
)}</div></section>`;
}

function thresholdPlot({ thresholds }: SignalStudy): Html {
  return intervalPlot({
    title: 'Gain by threshold',
    about: 'Mean gain of the mid per trade, all regimes together.',
    xLabel: 'ticks a trade',
    reference: 0,
    format: (value) => formatFixed(value, 2, true),
    rows: thresholds.map((edge) => row(`±${edge.threshold}`, edge)),
  });
}

const row = (label: string, edge: EdgeResult) => ({
  label,
  note: `n ${formatCount(edge.firings)}`,
  ...edge.meanGainTicks,
  muted: !edge.judged,
});

function pathPlot({ path }: SignalStudy, cellWidthMs: number): Html {
  return movePlot(
    'The mid after a firing',
    'Mean move of the mid the signal’s way, whatever the exits, with its 95 % interval at each moment.',
    'seconds after the firing',
    [{ name: 'firings', path }],
    cellWidthMs,
  );
}

function flowPlot({ flow }: SignalStudy, cellWidthMs: number): Html {
  if (flow === null) return html``;
  return movePlot(
    'The mid after the flow leans',
    'Mean move of the mid the way of the lean: mean flow score below spot less that above. After every bin, and after those whose lean is in the top third of the leans before; 95 % interval at each moment.',
    'seconds after the bin',
    [
      { name: `every bin (${formatCount(flow.all.starts)})`, path: flow.all },
      { name: `strong leans (${formatCount(flow.strong.starts)})`, path: flow.strong },
    ],
    cellWidthMs,
  );
}

function movePlot(
  title: string,
  about: string,
  xLabel: string,
  paths: readonly { name: string; path: MovePath }[],
  cellWidthMs: number,
): Html {
  const series = paths.map(({ name, path: { moveTicks } }) => ({
    name,
    y: moveTicks.map(({ value }) => value),
    low: moveTicks.map(({ low }) => low),
    high: moveTicks.map(({ high }) => high),
  }));
  const x = present(paths[0]).path.bins.map((bins) => (bins * cellWidthMs) / 1000);
  return linePlot({ title, about, xLabel, yLabel: 'ticks', x, series, include: [0], reference: 0 });
}

function regimePlot({ regimes }: SignalStudy, dimension: Dimension): Html {
  const rows = regimes.filter((edge) => edge.dimension === dimension);
  if (rows.length === 0) return html``;
  return intervalPlot({
    title: titles[dimension],
    about: abouts[dimension],
    xLabel: 'ticks a trade',
    reference: 0,
    format: (value) => formatFixed(value, 2, true),
    rows: rows.map((edge) => row(regimeWords(edge), edge)),
  });
}

function edgeTable(caption: string, first: string, edges: readonly { name: string; edge: EdgeResult }[]): Html {
  const numbers = [
    'firings',
    'up',
    'TP',
    'SL',
    'time-out',
    'TP rate, %',
    '95 %',
    'by chance, %',
    'gain, ticks',
    '95 %',
    'p',
    'q',
  ];
  const probability = (value: number | null) =>
    value === null ? '–' : value < 0.001 ? '< 0.001' : formatFixed(value, 3);
  const rows: Row[] = edges.map(({ name, edge }) => ({
    cells: [
      name,
      formatCount(edge.firings),
      formatCount(edge.ups),
      formatCount(edge.takeProfits),
      formatCount(edge.stopLosses),
      formatCount(edge.timeouts),
      formatFixed(edge.tpRate.value * 100, 1),
      edge.firings === 0 ? '–' : rangeText(edge.tpRate, (value) => formatFixed(value * 100, 1)),
      formatFixed(edge.chanceTpRate * 100, 1),
      formatFixed(edge.meanGainTicks.value, 3, true),
      rangeText(edge.meanGainTicks, (value) => formatFixed(value, 3, true)),
      probability(edge.pValue),
      probability(edge.qValue),
    ],
    muted: !edge.judged,
  }));
  return table(caption, [{ title: first }, ...numbers.map((title) => ({ title, isNumber: true }))], rows);
}
