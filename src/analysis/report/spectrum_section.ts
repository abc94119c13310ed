import { present } from '../../errors.ts';
import { formatCount, formatFixed } from '../../format.ts';
import { duration, type Html, histogramPlot, html, linePlot, percent, stackPlot, table } from '../../report/index.ts';
import type { AnalysisReport } from '../analysis_report.ts';
import { type Band, type FlowHealth, flowHistogramBins, type SpectrumHealth } from '../spectrum_health.ts';

/** Spectrum health: states, flow scores, sparsity, warm-up. */
export function spectrumSection(report: AnalysisReport): Html {
  const { spectrum, subject } = report;
  const { flow } = spectrum;
  return html`<section class="long" aria-labelledby="spectrum"><h2 id="spectrum">Spectrum health</h2>
<div class="cards">
${statePlot(spectrum)}
${flow === null ? null : flowStatePlot(flow)}
${flow === null ? null : scorePlot(flow)}
${sparsityPlot(spectrum, subject.radius)}
</div>
<div class="cards">
${warmUpTable(spectrum, subject.cellWidthMs)}
${sparsityTable(spectrum)}
${microstateTable(spectrum)}
</div>
${flow === null ? null : html`<div class="cards half">${scoreTable(flow)}</div>`}</section>`;
}

const ticks = ({ from, to }: Band) => (from === to ? `${from}` : `${from} to ${to}`);

function statePlot({ state5 }: SpectrumHealth): Html {
  const [below, spot, above] = state5;
  return stackPlot(
    'State of rows (state5)',
    'Share of rows by state. A state depends on the moves of best ask and bid in the bin and on the side of spot alone, so it is the same at every distance.',
    ['bear vacuum −2', 'bear pressure −1', 'mixed 0', 'bull pressure 1', 'bull vacuum 2'],
    ['bearv', 'bearp', 'mixed', 'bullp', 'bullv'],
    [
      { label: 'above spot', shares: present(above).shares },
      { label: 'at spot', shares: present(spot).shares },
      { label: 'below spot', shares: present(below).shares },
    ],
  );
}

function flowStatePlot({ bands }: FlowHealth): Html {
  return stackPlot(
    'Flow state by distance from spot',
    'Share of rows once the flow score is ready, by |k| in ticks; the states are those of flow_state_code.',
    ['vacuum −1', 'neutral 0', 'pressure 1'],
    ['bearv', 'mixed', 'bullv'],
    bands.map(({ band, stateShares }, i) => ({
      label: i === 0 ? 'all rows' : `|k| ${ticks(band)}`,
      shares: stateShares,
    })),
  );
}

function scorePlot({ bands }: FlowHealth): Html {
  return histogramPlot({
    title: 'Flow score',
    about: `Scores of all rows that have one (not 0), ready bins; ${percent(present(bands[0]).zeroShare)} of rows are 0 and left out.`,
    xLabel: 'flow score',
    edges: Array.from({ length: flowHistogramBins + 1 }, (_, i) => (2 * i) / flowHistogramBins - 1),
    counts: present(bands[0]).histogram,
    edgeText: (edge) => formatFixed(edge, 1),
    labelled: (index) => index % 10 === 0,
  });
}

function sparsityPlot({ emptyShareByK, flow }: SpectrumHealth, radius: number): Html {
  return linePlot({
    title: 'Sparsity and readiness by distance from spot',
    about:
      'Share of bins in which a row is all zero, and share of ready bins in which it has a flow score other than 0.',
    xLabel: 'k, ticks from spot',
    yLabel: 'share of bins, %',
    x: emptyShareByK.map((_, row) => row - radius),
    series: [
      { name: 'row is all zero', y: emptyShareByK.map((share) => share * 100) },
      ...(flow === null ? [] : [{ name: 'row has a flow score', y: flow.scoredShareByK.map((share) => share * 100) }]),
    ],
    include: [0, 100],
  });
}

function warmUpTable({ warmUp, windowlessBins, bins }: SpectrumHealth, cellWidthMs: number): Html {
  const when = (bin: number | null) =>
    bin === null ? 'never' : `${formatCount(bin + 1)} (${duration((bin + 1) * cellWidthMs * 1e6)})`;
  const rows = [
    { cells: ['flow score may differ from 0 from bin', when(warmUp.flowMinPeriods - 1)] },
    { cells: ['flow score first differs from 0 at bin', when(warmUp.firstFlowBin)] },
    { cells: ['derivative signal is ready from bin', when(warmUp.firstSignalBin)] },
    { cells: ['bins without a window (a side is empty)', `${formatCount(windowlessBins)} of ${formatCount(bins)}`] },
  ];
  return table('Warm-up', [{ title: 'what' }, { title: 'bins (time) from the start', isNumber: true }], rows);
}

function sparsityTable({ groups, emptyRowShare }: SpectrumHealth): Html {
  const columns = [
    { title: 'columns' },
    { title: 'cells that are 0', isNumber: true },
    { title: 'rows all 0', isNumber: true },
  ];
  const rows = groups.map(({ group, zeroCellShare, emptyRowShare: share }) => ({
    cells: [group, percent(zeroCellShare), percent(share)],
  }));
  return table('Sparsity', columns, [
    ...rows,
    { cells: ['every column (left out of datasets)', '', percent(emptyRowShare)] },
  ]);
}

function scoreTable({ bands }: FlowHealth): Html {
  const numbers = ['rows', '0', 'mean', 'sd', '1 %', '5 %', '25 %', '50 %', '75 %', '95 %', '99 %'];
  const rows = bands.map((band, i) => ({
    cells: [
      i === 0 ? 'all rows' : ticks(band.band),
      formatCount(band.rows),
      percent(band.zeroShare),
      formatFixed(band.mean, 3, true),
      formatFixed(band.deviation, 3),
      ...band.quantiles.map((value) => formatFixed(value, 2, true)),
    ],
  }));
  return table(
    'Flow score by |k|: of scores other than 0',
    [{ title: '|k|, ticks' }, ...numbers.map((title) => ({ title, isNumber: true }))],
    rows,
  );
}

function microstateTable({ microstateShares }: SpectrumHealth): Html {
  const words = ['down', 'still', 'up'];
  const columns = [{ title: 'best ask' }, ...words.map((word) => ({ title: `bid ${word}`, isNumber: true }))];
  const rows = [2, 1, 0].map((ask) => ({
    cells: [present(words[ask]), ...[0, 1, 2].map((bid) => percent(present(microstateShares[3 * ask + bid])))],
  }));
  return table('Moves of best ask and bid per bin (share of bins)', columns, rows);
}
