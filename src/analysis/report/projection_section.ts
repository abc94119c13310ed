import { present } from '../../errors.ts';
import { formatCount, formatFixed } from '../../format.ts';
import { duration, type Html, html, intervalPlot, linePlot, percent, rangeText, table } from '../../report/index.ts';
import type { AnalysisReport } from '../analysis_report.ts';
import type { Estimate } from '../block_bootstrap.ts';
import type { HorizonResult, ProjectionStudy, Sweep } from '../projection_study.ts';
import { settingWords } from '../verdict.ts';

/** Projection against persistence, and the sweep of its parameters. */
export function projectionSection({ projection, subject }: AnalysisReport): Html {
  if (projection === null) {
    return html`<section aria-labelledby="projection"><h2 id="projection">Projection against persistence</h2>
<p>Left out: flow scores need the replay file.</p></section>`;
  }
  const { sweep } = projection;
  const blockS = duration(projection.blockBins * subject.cellWidthMs * 1e6);
  return html`<section class="long" aria-labelledby="projection"><h2 id="projection">Projection against persistence</h2>
<p class="lead">The projected flow score at a price, against the score that this price has h later; persistence says that the score stays as it is. Plain projection: no cubic term, no damping. Intervals: 95 %, block bootstrap over ${formatCount(projection.blocks)} blocks of ${blockS}.</p>
<div class="cards">${skillPlot(projection)}${hitPlot(projection)}</div>
<div class="cards half">${errorTable(projection)}${directionTable(projection)}${coverageTable(projection)}</div>
${sweep === null ? html`<p>The session is too short for a sweep of the parameters.</p>` : sweepPart(sweep, projection)}</section>`;
}

const label = ({ horizonS, horizonBins }: HorizonResult) =>
  `${duration(horizonS * 1e9)} (${horizonBins} ${horizonBins === 1 ? 'bin' : 'bins'})`;
const share = (value: number) => formatFixed(value * 100, 1, true);
const points = ({ value, low, high }: Estimate) => ({ value: value * 100, low: low * 100, high: high * 100 });

function skillPlot({ horizons }: ProjectionStudy): Html {
  return intervalPlot({
    title: 'Error against persistence',
    about:
      'Skill: by how much the mean absolute error is smaller than persistence’s; 0 is persistence, below it the projection hurts. Calling every score 0 is shown for comparison.',
    xLabel: 'skill, %',
    reference: 0,
    format: (value) => formatFixed(value, 1, true),
    legend: ['plain projection', 'every score 0'],
    rows: horizons.flatMap((horizon) => [
      { label: label(horizon), ...points(horizon.skill) },
      { label: '', ...points(horizon.zeroSkill), colour: 2 },
    ]),
  });
}

function hitPlot({ horizons }: ProjectionStudy): Html {
  return intervalPlot({
    title: 'Direction of the change',
    about:
      'Share of cells where the projected and the real change of the score have the same sign, of those where neither is 0. A coin has 50 %; below it, scores turn back where the projection goes on.',
    xLabel: 'hit rate, %',
    reference: 50,
    format: (value) => formatFixed(value, 1),
    rows: horizons.map((horizon) => ({ label: label(horizon), ...points(horizon.changeHitRate) })),
  });
}

const numbers = (titles: readonly string[]) => titles.map((title) => ({ title, isNumber: true }));

function errorTable({ horizons }: ProjectionStudy): Html {
  const titles = numbers(['cells', 'projection', 'persistence', 'every score 0', 'skill, %', '95 %']);
  const rows = horizons.map((horizon) => ({
    cells: [
      label(horizon),
      formatCount(horizon.cells),
      formatFixed(horizon.meanAbsError, 4),
      formatFixed(horizon.persistenceMeanAbsError, 4),
      formatFixed(horizon.zeroMeanAbsError, 4),
      share(horizon.skill.value),
      rangeText(horizon.skill, share),
      horizon.verdict,
    ],
    muted: horizon.verdict === 'too short',
  }));
  return table(
    'Mean absolute error of the score',
    [{ title: 'horizon' }, ...titles, { title: 'against persistence' }],
    rows,
  );
}

function directionTable({ horizons }: ProjectionStudy): Html {
  const hits = (value: number) => formatFixed(value * 100, 1);
  const titles = numbers([
    'calls',
    'change right, %',
    '95 %',
    'sign right, %',
    'persistence, %',
    'gain, points',
    '95 %',
  ]);
  const rows = horizons.map((horizon) => ({
    cells: [
      label(horizon),
      formatCount(horizon.calls),
      hits(horizon.changeHitRate.value),
      rangeText(horizon.changeHitRate, hits),
      hits(horizon.levelHitRate.value),
      hits(horizon.persistenceLevelHitRate.value),
      share(horizon.levelHitGain.value),
      rangeText(horizon.levelHitGain, share),
    ],
    muted: horizon.verdict === 'too short',
  }));
  return table('Direction of the change and sign of the score', [{ title: 'horizon' }, ...titles], rows);
}

function coverageTable({ candidates, silent, unseen }: ProjectionStudy): Html {
  const rows = [
    ['rows of ready bins', candidates],
    ['price not in all four windows', unseen],
    ['score 0 in all four bins', silent],
    ['judged, where the price is still in the window h later', candidates - unseen - silent],
  ] as const;
  return table(
    'Cells',
    [{ title: 'what' }, { title: 'count', isNumber: true }, { title: 'share', isNumber: true }],
    rows.map(([name, count]) => ({ cells: [name, formatCount(count), percent(count / candidates)] })),
  );
}

function sweepPart(sweep: Sweep, { horizons }: ProjectionStudy): Html {
  const chosen = present(sweep.settings[sweep.chosen]);
  return html`<h3>Sweep of cubic term and damping</h3>
<p class="lead">Chosen on the first half: ${settingWords(chosen.projection)} (skill ${share(chosen.firstHalfSkill)} % there). Judged on the second half, which had no part in the choice: ${share(chosen.secondHalfSkill)} %, place ${sweep.secondHalfRank} of ${sweep.settings.length}. One block between the halves is left out.</p>
<div class="cards">${sweepPlot(sweep, 'firstHalfSkill', 'First half: where the choice is made')}${sweepPlot(sweep, 'secondHalfSkill', 'Second half: where it is judged')}
${intervalPlot({
  title: 'Chosen setting, second half',
  about:
    'Skill against persistence, out of sample, with “every score 0” beside it: a setting that is no better than that shrinks scores, it does not foresee them.',
  xLabel: 'skill, %',
  reference: 0,
  format: (value) => formatFixed(value, 1, true),
  legend: ['chosen on the first half', 'every score 0'],
  rows: horizons.flatMap((horizon, h) => [
    { label: label(horizon), ...points(present(sweep.chosenSkill[h])) },
    { label: '', ...points(present(sweep.zeroSkill[h])), colour: 2 },
  ]),
})}</div>
<div class="cards">${sweepTable(sweep)}</div>`;
}

function sweepPlot({ settings }: Sweep, half: 'firstHalfSkill' | 'secondHalfSkill', title: string): Html {
  const dampings = [...new Set(settings.map(({ projection }) => projection.damping_lambda))];
  const scales = [...new Set(settings.map(({ projection }) => (projection.use_cubic ? projection.cubic_scale : 0)))];
  const all = settings.flatMap(({ firstHalfSkill, secondHalfSkill }) => [firstHalfSkill * 100, secondHalfSkill * 100]);
  return linePlot({
    title,
    about:
      'Mean skill over the horizons by damping, for each weight of the cubic term. Both plots have the same scale.',
    xLabel: 'damping, per second',
    yLabel: 'skill, %',
    x: dampings,
    series: scales.map((scale) => ({
      name: scale === 0 ? 'no cubic term' : `cubic ${formatFixed(scale, 2)}`,
      y: settings
        .filter(({ projection }) => (projection.use_cubic ? projection.cubic_scale : 0) === scale)
        .map((setting) => setting[half] * 100),
    })),
    include: [0, Math.min(...all), Math.max(...all)],
    reference: 0,
    dots: true,
  });
}

function sweepTable({ settings, chosen, plain }: Sweep): Html {
  const order = [...settings.keys()].sort(
    (a, b) => present(settings[b]).firstHalfSkill - present(settings[a]).firstHalfSkill,
  );
  const rows = order.map((index) => {
    const { projection, firstHalfSkill, secondHalfSkill } = present(settings[index]);
    const mark = index === chosen ? ' (chosen)' : index === plain ? ' (plain)' : '';
    return { cells: [`${settingWords(projection)}${mark}`, share(firstHalfSkill), share(secondHalfSkill)] };
  });
  const columns = [
    { title: 'setting' },
    { title: 'skill, first half, %', isNumber: true },
    { title: 'second half, %', isNumber: true },
  ];
  return table('All settings, best in the first half first', columns, rows);
}
