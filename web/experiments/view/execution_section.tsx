import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import { present } from '../../../src/errors.ts';
import { formatLatencyUs } from '../../../src/format.ts';
import './figures.css';
import './execution_section.css';
import type { RunExecution } from '../../../src/wire/index.ts';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { Command } from '../../shared/command.tsx';
import { notFifoWords } from '../../shared/execution_words.ts';
import { useFetched } from '../../shared/use_fetched.ts';
import { fetchExecution } from '../model/api.ts';
import { curvesOf, type ExecutionCurve, type ExecutionPoint, latenciesOf } from '../model/execution.ts';
import { count, fixed, parameter, percent, signed } from '../model/format.ts';
import { seriesColour } from '../model/series_style.ts';
import { Plot, type PlotProps, plotAxis, zeroLine } from './plot.tsx';

type Execution = NonNullable<RunExecution['execution']>;

interface ExecutionSectionProps {
  readonly runId: string;
  readonly theme: Theme;
}

/** What the run would have earned in the real queues, over latency and kind of entry, beside the mid. */
export function ExecutionSection({ runId, theme }: ExecutionSectionProps) {
  const { value, error } = useFetched(runId, (signal) => fetchExecution(runId, signal), 200);
  const execution = value?.execution ?? null;
  return (
    <section aria-label="Execution" class="execution">
      <h3>
        In the real queues{execution !== null && ` at threshold ${parameter(execution.threshold)}`}{' '}
        <span class="quiet">net ticks a contract over latency</span>
      </h3>
      {error !== null && (
        <p class="tone-error" role="alert">
          {error}
        </p>
      )}
      {value === null && error === null && <p class="quiet waiting">Asking what was executed…</p>}
      {value !== null && execution === null && (
        <>
          <p>The run has not been executed. To send its firings to the real book of its sessions:</p>
          <Command text={value.execute_command} />
        </>
      )}
      {execution !== null && execution.curve.length === 0 && <p>It was executed without the curve.</p>}
      {execution !== null && execution.curve.length > 0 && <Curves execution={execution} theme={theme} />}
      {execution !== null && <Assumptions execution={execution} />}
    </section>
  );
}

function Curves({ execution, theme }: { execution: Execution; theme: Theme }) {
  const curves = useMemo(() => curvesOf(execution), [execution]);
  const latencies = useMemo(() => latenciesOf(execution), [execution]);
  const { mid } = execution;
  const data = useMemo<uPlot.AlignedData>(
    () => [
      latencies.map((_, place) => place),
      latencies.map(() => mid.mean_net_pnl_ticks),
      ...curves.map(({ points }) => points.map((point) => point?.mean_net_pnl_ticks ?? null)),
    ],
    [curves, latencies, mid],
  );
  return (
    <figure>
      <figcaption>
        <span>
          <i class="key-line mark-neutral" />
          at the mid: {signed(mid.mean_net_pnl_ticks, 2)}
        </span>
        {curves.map(({ label, entry, met }) => (
          <span key={label} style={{ color: colourOf(entry, theme) }}>
            <i class={met ? 'key-line' : 'key-line dashed'} />
            {label}
          </span>
        ))}
      </figcaption>
      <Plot
        label={`Net PnL over latency: ${signed(mid.mean_net_pnl_ticks, 2)} ticks at the mid`}
        theme={theme}
        heightPx={180}
        data={data}
        options={optionsOf(curves, latencies, theme)}
      />
      <CurveTable curves={curves} latencies={latencies} />
    </figure>
  );
}

/** The same in figures: net ticks, and how many entries were missed. */
function CurveTable({ curves, latencies }: CurveTableProps) {
  const joins = present(curves.find(({ entry, met }) => entry === 'join' && met));
  return (
    <table class="figures">
      <thead>
        <tr>
          <th scope="col">Latency</th>
          {curves.map(({ label, entry, met }) => (
            <th scope="col" key={label}>
              {met ? entry : 'without met'}
            </th>
          ))}
          <th scope="col">joins missed</th>
        </tr>
      </thead>
      <tbody>
        {latencies.map((us, place) => (
          <tr key={us}>
            <th scope="row">{formatLatencyUs(us)}</th>
            {curves.map(({ label, points }) => (
              <PointCell key={label} point={points[place] ?? null} />
            ))}
            <td>{missedText(joins.points[place] ?? null)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function PointCell({ point }: { point: ExecutionPoint | null }) {
  return <td title={point === null ? '' : pointWords(point)}>{signed(point?.mean_net_pnl_ticks ?? null, 2)}</td>;
}

const missedText = (point: ExecutionPoint | null) =>
  percent(point === null || point.orders === 0 ? null : point.missed / point.orders, 0);

interface CurveTableProps {
  readonly curves: readonly ExecutionCurve[];
  readonly latencies: readonly number[];
}

function pointWords(point: ExecutionPoint): string {
  const { mean_net_pnl_ticks_low: low, mean_net_pnl_ticks_high: high } = point;
  const interval = low === null || high === null ? '' : `; 95 % interval ${signed(low, 2)} to ${signed(high, 2)}`;
  return `${count(point.trades)} of ${count(point.orders)} entries filled, ${count(point.missed)} missed${interval}`;
}

function Assumptions({
  execution: { assumed, fee_ticks_per_side: fee, front_share: front, not_fifo: notFifo, too_large: tooLarge },
}: {
  execution: Execution;
}) {
  return (
    <p class="quiet">
      Assumed: {assumed.join('; ')}. {fee === 0 ? 'No fees are' : `Fees of ${fixed(fee, 2)} ticks a side are`} taken
      off. {notFifo && `${notFifoWords(front)} `}
      {tooLarge > 0 && `${count(tooLarge)} entries are above a tenth of their level: too large to believe. `}
      {front !== null && `${percent(front, 2)} of the market’s executions were at the front of their queue. `}
      The curve is looked at after the fact and carries no p-values.
    </p>
  );
}

const colourOf = (entry: ExecutionCurve['entry'], theme: Theme) => seriesColour(entry === 'market' ? 0 : 1, theme);

const optionsOf =
  (curves: readonly ExecutionCurve[], latencies: readonly number[], theme: Theme): PlotProps['options'] =>
  (palette) => ({
    padding: [8, 24, 0, 0],
    plugins: [zeroLine(palette.neutral)],
    scales: { x: { time: false } },
    axes: [
      plotAxis(palette, {
        size: 26,
        text: (place) => (latencies[place] === undefined ? '' : formatLatencyUs(present(latencies[place]))),
        incrs: [1],
      }),
      plotAxis(palette, { size: 44 }),
    ],
    series: [
      {},
      { stroke: palette.neutral, width: 2, points: { show: false } },
      ...curves.map(({ entry, met }) => ({
        stroke: colourOf(entry, theme),
        width: 2,
        dash: met ? [] : [6, 4],
        points: { show: true, size: 5, fill: colourOf(entry, theme) },
      })),
    ],
  });
