import './legend.css';
import { colourCount, colourTable } from '../../shared/colour/colour_maps.ts';
import { formatSigned, formatValue } from '../session/format.ts';
import { type ColourScale, legendValue } from '../viewport/colour_scale.ts';
import { type Layer, state5Words } from '../viewport/layers.ts';
import type { LayerScale } from '../viewport/settings.ts';
import { useTerminal } from './use_terminal.ts';

/** What the heatmap's colours stand for. */
export interface Legend {
  readonly layer: Layer;
  readonly scale: ColourScale;
  readonly choice: LayerScale;
}

/** A CSS gradient of a colour table. */
export function gradient(table: Uint8Array): string {
  const stops: string[] = [];
  for (let index = 0; index < colourCount; index += 6) {
    const [red, green, blue] = table.subarray(index * 4, index * 4 + 3);
    stops.push(`rgb(${red} ${green} ${blue})`);
  }
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

/** The colour scale with numbers and unit. */
export function LegendBar({ legend }: { legend: Legend }) {
  const terminal = useTerminal('settings');
  const settings = terminal.settings.current;
  const { layer, scale, choice } = legend;
  const table = colourTable(choice.map, settings.theme);
  if (layer.kind === 'states') {
    return (
      <div class="legend states" role="img" aria-label="Colours of the five states">
        {[-2, -1, 0, 1, 2].map((code) => {
          const at = (127 + Math.round(code * 63.5)) * 4;
          return (
            <span key={code}>
              <span class="swatch" style={{ background: `rgb(${table[at]} ${table[at + 1]} ${table[at + 2]})` }} />
              {state5Words[code]}
            </span>
          );
        })}
      </div>
    );
  }
  const show = (value: number) => {
    const short = Number(value.toPrecision(3));
    return layer.kind === 'diverging' ? formatSigned(short) : formatValue(short);
  };
  const labels = [0, 0.25, 0.5, 0.75, 1].map((share) => show(legendValue(scale, share * (colourCount - 1))));
  return (
    <div class="legend" role="img" aria-label={`${layer.label} from ${labels[0]} to ${labels[4]} ${layer.unit}`}>
      <div class="legend-bar" style={{ background: gradient(table) }} />
      <div class="legend-labels">
        {labels.map((label, index) => (
          <span key={index}>{label}</span>
        ))}
      </div>
      <span class="legend-unit quiet">{layer.unit}</span>
    </div>
  );
}
