import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import { present } from '../../../src/errors.ts';
import type { Outcomes } from '../../../src/wire/index.ts';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import type { Fetched } from '../../shared/use_fetched.ts';
import { clock, type Equity, equityOf, inRealBook } from '../model/curves.ts';
import { count, fixed, parameter, signed } from '../model/format.ts';
import { newYorkTime } from '../model/moments.ts';
import { Plot, type PlotProps, plotAxis, stepped, zeroLine } from './plot.tsx';

interface EquitySectionProps {
  readonly threshold: number;
  /** Date of the session that the trades are of, where there are several. */
  readonly session: string | null;
  readonly outcomes: Fetched<Outcomes>;
  readonly theme: Theme;
}

/** What the run's trades earned over time, from every one of them, evaluated again by the server. */
export function EquitySection({ threshold, session, outcomes: { value: outcomes, error }, theme }: EquitySectionProps) {
  const equity = useMemo(() => (outcomes === null ? null : equityOf(inRealBook(outcomes))), [outcomes]);
  const startMs = outcomes?.start_ms ?? null;
  const data = useMemo<uPlot.AlignedData>(
    () =>
      equity === null
        ? [[], [], []]
        : [equity.seconds.map((second) => second + (startMs ?? 0) / 1000), equity.netTicks, equity.orderPriceTicks],
    [equity, startMs],
  );
  return (
    <section>
      <h3>
        Equity at threshold {parameter(threshold)} {session !== null && `on ${session}`}{' '}
        <span class="quiet">
          ticks over {startMs === null ? 'time since the first bin' : 'New York time'}, a step a trade
        </span>
      </h3>
      {error !== null && (
        <p class="tone-error" role="alert">
          {error}
        </p>
      )}
      {outcomes === null && error === null && <p class="quiet waiting">Evaluating the run again for its trades…</p>}
      {outcomes !== null && equity !== null && outcomes.bin.length === 0 && <p>No signal fired at this threshold.</p>}
      {outcomes !== null && equity !== null && outcomes.bin.length > 0 && (
        <figure>
          <EquityKeys isExecuted={outcomes.executed !== null} />
          <Plot
            label={`${count(outcomes.bin.length)} trades earn ${signed(present(equity.netTicks.at(-1)), 1)} ticks net`}
            theme={theme}
            heightPx={180}
            data={data}
            options={startMs === null ? elapsedOptions : clockOptions}
          />
          <EquityText outcomes={outcomes} equity={equity} />
        </figure>
      )}
    </section>
  );
}

function EquityKeys({ isExecuted }: { isExecuted: boolean }) {
  return (
    <figcaption>
      <i class="key-line mark-text" /> {isExecuted ? 'in the real book, a contract' : 'both fills at the mid'}{' '}
      <i class="key-line mark-neutral" /> {isExecuted ? 'at the mid' : 'orders filled at their prices'}
    </figcaption>
  );
}

function EquityText({ outcomes, equity }: { outcomes: Outcomes; equity: Equity }) {
  const { executed, bin, cost_ticks: costs } = outcomes;
  const net = `${signed(present(equity.netTicks.at(-1)), 1)} ticks net`;
  const other = signed(present(equity.orderPriceTicks.at(-1)), 1);
  const drawdown = `largest drawdown ${fixed(equity.drawdownTicks, 1)} ticks.`;
  if (executed === null) {
    return (
      <p>
        {count(bin.length)} trades at {fixed(meanOf(costs), 2)} ticks of costs each: {net}, {other} if orders filled at
        their prices; {drawdown}
      </p>
    );
  }
  const filled = executed.net_ticks.filter((one) => one !== null).length;
  return (
    <p>
      {count(filled)} of {count(bin.length)} firings were filled in the real book: {net} of fees; {other} at the mid,
      where all are; {drawdown}
    </p>
  );
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Options of a plot whose `text` writes the x axis, of seconds. */
const equityOptions =
  (text: (seconds: number) => string): PlotProps['options'] =>
  (palette) => ({
    padding: [8, 8, 0, 0],
    plugins: [zeroLine(palette.neutral)],
    scales: { x: { time: false } },
    axes: [
      plotAxis(palette, { size: 26, text, incrs: [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200] }),
      plotAxis(palette, { size: 44 }),
    ],
    series: [
      {},
      { stroke: palette.text, width: 2, paths: stepped, points: { show: false } },
      { stroke: palette.neutral, width: 1, paths: stepped, points: { show: false } },
    ],
  });

const elapsedOptions = equityOptions(clock);
const clockOptions = equityOptions((unixS) => newYorkTime(unixS * 1000));
