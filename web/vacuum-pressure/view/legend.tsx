import './legend.css';
import { colourCount, colourTable } from '../../shared/colour/colour_maps.ts';
import type { ColourScale } from '../viewport/colour_scale.ts';
import { type Layer, state5Words } from '../viewport/layers.ts';
import { legendLabels } from '../viewport/legend_labels.ts';
import type { LayerScale } from '../viewport/settings.ts';
import { useTerminal } from './use_terminal.ts';

/** What the heatmap's colours stand for. */
export interface Legend {
  readonly layer: Layer;
  readonly scale: ColourScale;
  readonly choice: LayerScale;
}

/** Length of the colour bar. */
const barPx = 190;

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
  const labels = legendLabels(layer, scale, barPx);
  const ends = `from ${labels[0]?.text} to ${labels.at(-1)?.text} ${layer.unit}`;
  return (
    <div class="legend" role="img" aria-label={`${layer.label} ${ends}`} title={cutoffWords(legend)}>
      <div class="legend-bar" style={{ background: gradient(table), width: `${barPx}px` }} />
      <div class="legend-labels">
        {labels.map(({ text, share }) => (
          <span key={share} style={{ left: `${share * 100}%`, translate: `${-share * 100}%` }}>
            {text}
          </span>
        ))}
      </div>
      <span class="legend-unit quiet">{layer.unit}</span>
    </div>
  );
}

/** Where the cut-offs come from. */
function cutoffWords({ choice }: Legend): string {
  if (choice.cutoffs === 'value') return 'Colours end at the values that are set under Colours.';
  return `Colours begin at percentile ${choice.low} and end at percentile ${choice.high} of what is in view.`;
}
