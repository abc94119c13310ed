import './figures.css';
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import type { ExperimentDocumentResponse } from '../../../src/wire/index.ts';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { parameter, signed } from '../model/format.ts';
import { walkForwardCurves, walkForwardWords } from '../model/walk_forward.ts';
import { Plot, plotAxis, zeroLine } from './plot.tsx';
import { ScrollBox } from './scroll_box.tsx';

interface WalkForwardSectionProps {
  readonly walk: NonNullable<ExperimentDocumentResponse['walk_forward']>;
  readonly theme: Theme;
  readonly onRun: (run: string, threshold: number | null) => void;
}

/** The one equity curve that no choice looked ahead of, beside that of the trial that looks best afterwards. */
export function WalkForwardSection({ walk, theme, onRun }: WalkForwardSectionProps) {
  const data = useMemo<uPlot.AlignedData>(() => {
    const { sessions, lowTicks, highTicks, netTicks, inSampleTicks } = walkForwardCurves(walk);
    return [sessions, highTicks, lowTicks, netTicks, inSampleTicks];
  }, [walk]);
  const words = walkForwardWords(walk);
  const dateAt = (session: number) => (Number.isInteger(session) ? (walk.dates[session - 1] ?? '') : '');
  return (
    <section class="walk-forward" aria-label="Walk-forward">
      <h3>
        Walk-forward <span class="quiet">net ticks over the test sessions</span>
      </h3>
      <figure>
        <figcaption>
          <i class="key-line mark-text" /> chosen before each session
          {walk.mean_net_pnl_ticks_low !== null && ', with the 95 % interval of its mean'}{' '}
          <i class="key-line mark-neutral dashed" /> best trial in sample
        </figcaption>
        <Plot label={words} theme={theme} heightPx={220} data={data} options={walkForwardOptions(dateAt)} />
      </figure>
      <p>{words}</p>
      <details>
        <summary>Choices</summary>
        <ScrollBox label="Choices of the walk-forward">
          <table class="figures">
            <thead>
              <tr>
                <th scope="col">Chosen on</th>
                <th scope="col">Tested on</th>
                <th scope="col">Trial</th>
                <th scope="col">Net on train</th>
              </tr>
            </thead>
            <tbody>
              {walk.stretches.map(({ train, test, run_id, threshold, trained }) => (
                <tr key={test[0]}>
                  <th scope="row">{train.join(' – ')}</th>
                  <td>{test.join(' – ')}</td>
                  <td>
                    {run_id === null ? (
                      'none qualifies'
                    ) : (
                      <button type="button" class="link" onClick={() => onRun(run_id, threshold)}>
                        {run_id.slice(0, 8)} at {parameter(threshold)}
                      </button>
                    )}
                  </td>
                  <td>{signed(trained, 2)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      </details>
    </section>
  );
}

const walkForwardOptions =
  (dateAt: (session: number) => string): Parameters<typeof Plot>[0]['options'] =>
  (palette) => ({
    padding: [8, 40, 0, 0],
    plugins: [zeroLine(palette.neutral)],
    scales: { x: { time: false } },
    axes: [plotAxis(palette, { size: 26, text: dateAt, space: 90 }), plotAxis(palette, { size: 48 })],
    series: [
      {},
      { stroke: 'transparent', points: { show: false } },
      { stroke: 'transparent', points: { show: false } },
      { stroke: palette.text, width: 2, points: { show: false } },
      { stroke: palette.neutral, width: 1.5, dash: [5, 4], points: { show: false } },
    ],
    bands: [{ series: [1, 2], fill: `${palette.text}33` }],
  });
