import './signal_panel.css';
import type { VNode } from 'preact';
import { defaultSignal, type SignalParameters, type SignalSeries } from '../../../src/signals/index.ts';
import { explain, Term } from '../../shared/term.tsx';
import { firingWords } from '../session/firings.ts';
import { formatScore, formatValue } from '../session/format.ts';
import { type BinField, seriesFields } from '../session/session_store.ts';
import { state5Words } from '../viewport/layers.ts';
import { scoreScale } from '../viewport/score_scale.ts';
import { Level } from './bars.tsx';
import { DerivativeSections } from './derivative_sections.tsx';
import { EvidenceSection } from './evidence_section.tsx';
import { sheetId } from './sheets.tsx';
import { useTerminal } from './use_terminal.ts';

/** The score between −scale and scale; the zone is where the signal is neutral, NaN without a threshold. */
function Gauge({ score, threshold, scale }: { score: number; threshold: number; scale: number }) {
  const percent = (value: number) => 50 + 50 * Math.min(Math.max(value / scale, -1), 1);
  const isNarrow = threshold < scale / 2;
  return (
    <>
      <div class="gauge" aria-hidden="true">
        {threshold > 0 && (
          <span
            class="zone"
            style={{ left: `${percent(-threshold)}%`, width: `${percent(threshold) - percent(-threshold)}%` }}
          />
        )}
        <span class="needle" style={{ left: `${percent(score)}%` }} />
      </div>
      <div class="gauge-scale" aria-hidden="true">
        <span style={{ left: 0 }}>−{formatValue(scale)}</span>
        {threshold > 0 && (
          <>
            <span style={{ left: `${percent(-threshold)}%`, translate: isNarrow ? '-100%' : '0' }}>
              −{formatValue(threshold)}
            </span>
            <span style={{ left: `${percent(threshold)}%`, translate: isNarrow ? '0' : '-100%' }}>
              +{formatValue(threshold)}
            </span>
          </>
        )}
        <span style={{ right: 0 }}>+{formatValue(scale)}</span>
      </div>
    </>
  );
}

/** Parameters of the signal that runs. */
function ParameterSection({ params }: { params: SignalParameters }) {
  return (
    <section>
      <h2>Parameters</h2>
      <table>
        <tbody>
          {Object.entries(params).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{typeof value === 'object' ? JSON.stringify(value) : value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What the signal itself draws, at the bin shown. */
function SeriesSection({ series, value }: { series: readonly SignalSeries[]; value: (field: BinField) => number }) {
  return (
    <section>
      <h2>Its own series</h2>
      <table>
        <tbody>
          {seriesFields.slice(0, series.length).map((field, at) => (
            <tr key={field}>
              <th scope="row" title={series[at]?.about}>
                {series[at]?.name}
              </th>
              <td>{Number.isNaN(value(field)) ? '–' : formatValue(value(field))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The signal of the bin shown, as gauges. */
export function SignalPanel({ head }: { head: VNode | null }) {
  const terminal = useTerminal('session', 'bin', 'pointer');
  const { session } = terminal.data;
  const { shownSeq: seq } = terminal.chart;
  if (session === null || seq < 0) {
    return (
      <aside class="signal-panel" id={sheetId('signal')} aria-label="Signal">
        {head}
      </aside>
    );
  }
  const { store, contract } = session;
  const { state_model: model, firing, signal } = contract.config;
  const value = (field: BinField) => store.bin(field, seq);
  const score = value('score');
  const threshold = value('threshold');
  const scale = scoreScale(session, terminal.chart.view);
  const isDerivative = signal.name === defaultSignal.name;
  const warmingUp = isDerivative ? `warming up ${value('sampleCount')} of ${model.zscore_min_periods}` : 'warming up';
  const dominant = value('dominant');
  const above = Math.max(
    value('pressureAbove'),
    value('vacuumAbove'),
    value('pressureBelow'),
    value('vacuumBelow'),
    1e-12,
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: in a low window the panel scrolls, by keyboard too
    <aside class="signal-panel" id={sheetId('signal')} aria-label="Signal" tabIndex={0}>
      {head}
      <section>
        <h2>
          Signal{' '}
          <abbr class="term quiet" title={signal.about}>
            {signal.name}
          </abbr>
        </h2>
        <div class="score">
          <span
            class={`score-value ${score >= threshold ? 'above' : score <= -threshold ? 'below' : ''}`}
            title={explain('score')}
          >
            {formatScore(score, scale)}
          </span>
          <Term word="ready">
            {value('ready') === 1 ? (
              <span class="tone-good">ready</span>
            ) : (
              <span class="tone-warning">{warmingUp}</span>
            )}
          </Term>
        </div>
        <Gauge score={score} threshold={threshold} scale={scale} />
        <p class="quiet">
          <Term word="firing">▲▼</Term> {firingWords(firing)}
          {Number.isNaN(threshold) && '; no threshold at this bin: too few scores before it, or too many of them 0'}
        </p>
        {isDerivative ? (
          <p class="state">
            <Term word="dominant state">Dominant state</Term> <strong>{state5Words[dominant] ?? dominant}</strong>
          </p>
        ) : (
          <p class="state">{signal.about}</p>
        )}
      </section>
      <EvidenceSection />
      {signal.series !== undefined && <SeriesSection series={signal.series} value={value} />}
      {isDerivative ? <DerivativeSections value={value} /> : <ParameterSection params={signal.params} />}
      <section>
        <h2>
          Around <Term word="spot">spot</Term> <span class="quiet">sums, weighted {contract.quantityUnit}/s</span>
        </h2>
        <table>
          <tbody>
            {(
              [
                ['Pressure above', 'pressureAbove', 'pressure'],
                ['Vacuum above', 'vacuumAbove', 'vacuum'],
                ['Pressure below', 'pressureBelow', 'pressure'],
                ['Vacuum below', 'vacuumBelow', 'vacuum'],
              ] as const
            ).map(([name, field, tone]) => (
              <tr key={field}>
                <th scope="row">
                  <Term word={tone}>{name}</Term>
                </th>
                <td>{formatValue(value(field), above)}</td>
                <td class="bar-cell">
                  <Level share={value(field) / above} tone={tone} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </aside>
  );
}
