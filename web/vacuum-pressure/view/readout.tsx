import './readout.css';
import { useMemo } from 'preact/hooks';
import { gridColumns } from '../../../src/engine/index.ts';
import { depthAt } from '../session/depth.ts';
import { formatCount, formatPrice, ZoneClock } from '../session/format.ts';
import { formatCell, layerOf, namedLayers, state5Words } from '../viewport/layers.ts';
import { useTerminal } from './use_terminal.ts';

/** Time and every column of the cell under the crosshair. */
export function Readout() {
  const terminal = useTerminal('pointer', 'bin', 'settings', 'view');
  const settings = terminal.settings.current;
  const clock = useMemo(() => new ZoneClock(settings.zone), [settings.zone]);
  const { crosshair } = terminal.chart;
  const { session } = terminal.data;
  if (settings.readout === 'off' || crosshair === null || session === null) return null;
  const seq = Math.floor(crosshair.time);
  const tick = Math.floor(crosshair.price + 0.5);
  const { store, contract } = session;
  if (!store.has(seq)) return null;
  const gap = terminal.live.gapOf(seq);
  const inWindow = !Number.isNaN(store.value('k', seq, tick));
  const beyond = depthAt(session, 'rest_depth', seq, tick);
  const all = gridColumns.map(([name]) => name);
  const columns = all.filter(
    (name) => settings.readout === 'full' || namedLayers.includes(name) || name === settings.layer,
  );
  const right =
    (crosshair.time - terminal.chart.view.left) / terminal.chart.view.binsPerPx < terminal.chart.view.widthPx / 2;
  return (
    <div class={`readout ${settings.readout} ${right ? 'at-right' : ''}`}>
      <p>
        <strong>{formatPrice(tick, contract.tickInt, contract.priceDecimals)}</strong> ·{' '}
        {clock.time(terminal.data.unixMs(seq + 1), contract.cellNs < 1e9 ? 3 : 0)} · bin {formatCount(seq)}
        {store.bin('bookValid', seq) === 0 && (
          <span class="tone-warning"> · {gap === null ? 'book not valid' : `no records: ${gap.cause}`}</span>
        )}
      </p>
      {!inWindow && (
        <p class="quiet">
          {Number.isNaN(beyond)
            ? ''
            : `resting ${formatCell(layerOf('rest_depth', contract), beyond)} ${contract.quantityUnit} · `}
          outside this bin’s window
        </p>
      )}
      {inWindow && (
        <dl>
          {columns.map((name) => {
            const layer = layerOf(name, contract);
            const value = store.value(name, seq, tick);
            const text = name === 'state5_code' ? (state5Words[value] ?? '–') : formatCell(layer, value);
            return (
              <div key={name} class={name === settings.layer ? 'current' : ''}>
                <dt>{layer.label}</dt>
                <dd>
                  {text} <span class="quiet">{/^(code|event|score|share)$/.test(layer.unit) ? '' : layer.unit}</span>
                </dd>
              </div>
            );
          })}
        </dl>
      )}
    </div>
  );
}
