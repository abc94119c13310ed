import { firingWords } from '../model/firings.ts';
import { formatFixed, formatSigned, formatValue } from '../model/format.ts';
import { state5Words } from '../model/layers.ts';
import type { BinField } from '../model/session_store.ts';
import { useTerminal } from './use_terminal.ts';

/** A bar from the middle to either side: `share` in [−1, 1]. */
function Bar({ share, tone }: { share: number; tone?: 'up' | 'down' | 'neutral' }) {
  const size = Math.min(Math.abs(share), 1) * 50;
  const side = tone ?? (share < 0 ? 'down' : 'up');
  return (
    <span class="bar two-sided" aria-hidden="true">
      <span class={`fill ${side}`} style={{ left: `${share < 0 ? 50 - size : 50}%`, width: `${size}%` }} />
    </span>
  );
}

/** A bar from the left: `share` in [0, 1]. */
function Level({ share, tone }: { share: number; tone: 'up' | 'down' | 'neutral' }) {
  return (
    <span class="bar" aria-hidden="true">
      <span class={`fill ${tone}`} style={{ left: 0, width: `${Math.min(Math.max(share, 0), 1) * 100}%` }} />
    </span>
  );
}

const derivatives = ['1', '2', '3'] as const;

/** The signal of the bin shown, as gauges. */
export function SignalPanel() {
  const terminal = useTerminal('session', 'bin', 'pointer');
  const { session, shownSeq: seq } = terminal;
  if (session === null || seq < 0) return <aside class="signal-panel" aria-label="Signal" />;
  const { store, contract } = session;
  const { state_model: model, firing } = contract.config;
  const { threshold } = firing;
  const value = (field: BinField) => store.bin(field, seq);
  const score = value('score');
  const ready = value('ready') === 1;
  const needed = model.zscore_min_periods;
  const above = Math.max(
    value('pressureAbove'),
    value('vacuumAbove'),
    value('pressureBelow'),
    value('vacuumBelow'),
    1e-12,
  );
  const dominant = value('dominant');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: in a low window the panel scrolls, by keyboard too
    <aside class="signal-panel" aria-label="Signal" tabIndex={0}>
      <section>
        <h2>
          Signal <span class="quiet">{model.name}</span>
        </h2>
        <div class="score">
          <span class={`score-value ${score >= threshold ? 'up' : score <= -threshold ? 'down' : ''}`}>
            {formatFixed(score, 3)}
          </span>
          <span class={ready ? 'tone-good' : 'tone-warning'}>
            {ready ? 'ready' : `warming up ${value('sampleCount')} of ${needed}`}
          </span>
        </div>
        <div class="gauge" aria-hidden="true">
          <span class="zone" style={{ left: `${50 - threshold * 50}%`, width: `${threshold * 100}%` }} />
          <span class="needle" style={{ left: `${50 + score * 50}%` }} />
        </div>
        <div class="gauge-scale" aria-hidden="true">
          <span style={{ left: 0 }}>−1</span>
          <span style={{ left: `${50 - threshold * 50}%`, translate: threshold < 0.5 ? '-100%' : '0' }}>
            −{threshold}
          </span>
          <span style={{ left: `${50 + threshold * 50}%`, translate: threshold < 0.5 ? '0' : '-100%' }}>
            +{threshold}
          </span>
          <span style={{ right: 0 }}>+1</span>
        </div>
        <p class="quiet">▲▼ {firingWords(firing)}</p>
        <p class="state">
          Dominant state <strong>{state5Words[dominant] ?? dominant}</strong>
        </p>
      </section>
      <section>
        <h2>
          Derivatives <span class="quiet">of the base {formatFixed(value('base'), 3)}</span>
        </h2>
        <table>
          <thead>
            <tr>
              <th scope="col">Order</th>
              <th scope="col">Value</th>
              <th scope="col">z-score</th>
              <th scope="col">
                <span class="visually-hidden">z-score as a bar, full at 4</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {derivatives.map((order) => (
              <tr key={order}>
                <th scope="row">d{order}</th>
                <td>{formatSigned(value(`d${order}`))}</td>
                <td>{formatFixed(value(`z${order}`), 2)}</td>
                <td class="bar-cell">
                  <Bar share={value(`z${order}`) / 4} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section>
        <h2>
          Intensity <span class="quiet">share of the window</span>
        </h2>
        <table>
          <tbody>
            {(
              [
                ['Bull', 'bull', 'up'],
                ['Bear', 'bear', 'down'],
                ['Mixed', 'mixed', 'neutral'],
              ] as const
            ).map(([name, field, tone]) => (
              <tr key={field}>
                <th scope="row">{name}</th>
                <td>{(value(field) * 100).toFixed(0)} %</td>
                <td class="bar-cell wide">
                  <Level share={value(field)} tone={tone} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section>
        <h2>
          Around spot <span class="quiet">sums, weighted {contract.quantityUnit}/s</span>
        </h2>
        <table>
          <tbody>
            {(
              [
                ['Pressure above', 'pressureAbove', 'up'],
                ['Vacuum above', 'vacuumAbove', 'down'],
                ['Pressure below', 'pressureBelow', 'up'],
                ['Vacuum below', 'vacuumBelow', 'down'],
              ] as const
            ).map(([name, field, tone]) => (
              <tr key={field}>
                <th scope="row">{name}</th>
                <td>{formatValue(value(field))}</td>
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
