import './form.css';
import './tool_bar.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ColumnName } from '../../../src/engine/index.ts';
import { colourMaps } from '../../shared/colour/colour_maps.ts';
import { Menu } from '../../shared/menu.tsx';
import { explain } from '../../shared/term.tsx';
import { layerOf, namedLayers, otherLayers, termOf } from '../viewport/layers.ts';
import type { MenuName } from '../viewport/menus.ts';
import { defaultScale } from '../viewport/scale_choice.ts';
import { type LayerScale, overlayNames, panelNames, type Readout, readouts } from '../viewport/settings.ts';
import { ChartKindMenu } from './chart_kind_menu.tsx';
import { LayoutMenu } from './layout_menu.tsx';
import { type Legend, LegendBar } from './legend.tsx';
import { MarkKinds } from './mark_kinds.tsx';
import { overlayWords, panelWords } from './setting_words.ts';
import { SheetButtons, type Sheets } from './sheets.tsx';
import { useTerminal } from './use_terminal.ts';

const overlayTerms = {
  quotes: 'bid',
  mid: 'mid',
  spot: 'spot',
  fills: 'bought',
  chase: 'chase',
  firings: 'firing',
  projection: 'projection',
} as const;
const titleOf = (term: string | undefined) => (term === undefined ? undefined : explain(term));
const readoutWords = { off: 'Off', short: 'Named layers', full: 'Every column' } as const;
const toolWords = [
  ['pan', 'Pan', 'Drag moves the chart'],
  ['measure', 'Measure', 'Drag measures ticks, %, time and volume (M)'],
  ['zoom', 'Box zoom', 'Drag a box to zoom into (Z)'],
] as const;

function LayerSelect() {
  const terminal = useTerminal('settings', 'session');
  const contract = terminal.data.session?.contract ?? { quantityUnit: '', radius: 0 };
  const option = (column: ColumnName) => (
    <option key={column} value={column} title={explain(termOf(column))}>
      {layerOf(column, contract).label}
    </option>
  );
  return (
    <label>
      <span class="visually-hidden">Layer</span>
      <select
        value={terminal.settings.current.layer}
        title={explain(termOf(terminal.settings.current.layer))}
        onChange={({ currentTarget }) => terminal.settings.change({ layer: currentTarget.value as ColumnName })}
      >
        {namedLayers.map(option)}
        <optgroup label="Other grid columns">{otherLayers.map(option)}</optgroup>
      </select>
    </label>
  );
}

function ScaleForm({ legend }: { legend: Legend }) {
  const terminal = useTerminal('settings');
  const { layer, choice } = legend;
  const set = (patch: Partial<LayerScale>) => {
    const { scales } = terminal.settings.current;
    terminal.settings.change({ scales: { ...scales, [layer.column]: { ...choice, ...patch } } });
  };
  const toCutoffs = (cutoffs: LayerScale['cutoffs']) => {
    const { low, high } = legend.scale;
    set(cutoffs === 'percent' ? { cutoffs, low: 5, high: 99 } : { cutoffs, low: round(low), high: round(high) });
  };
  const slider = (label: string, key: 'gamma' | 'contrast', min: number, max: number) => (
    <label class="row">
      <span>{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={0.05}
        value={choice[key]}
        onInput={({ currentTarget }) => set({ [key]: Number(currentTarget.value) })}
      />
      <output>{choice[key].toFixed(2)}</output>
    </label>
  );
  const cutoff = (label: string, key: 'low' | 'high') => (
    <label class="row">
      <span>{label}</span>
      <input
        type="number"
        step="any"
        value={choice[key]}
        onChange={({ currentTarget }) => {
          const value = currentTarget.valueAsNumber;
          if (Number.isFinite(value)) set({ [key]: value });
        }}
      />
      <span>{choice.cutoffs === 'percent' ? '%' : layer.unit}</span>
    </label>
  );
  return (
    <div class="scale-form">
      <label class="row">
        <span>Colours</span>
        <select value={choice.map} onChange={({ currentTarget }) => set({ map: currentTarget.value })}>
          {colourMaps
            .filter(({ kind }) => kind === layer.kind)
            .map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
        </select>
      </label>
      {layer.kind !== 'states' && (
        <>
          <label class="row">
            <span>Cut-offs</span>
            <select
              value={choice.cutoffs}
              onChange={({ currentTarget }) => toCutoffs(currentTarget.value as LayerScale['cutoffs'])}
            >
              <option value="percent">Percent of what is in view</option>
              <option value="value">Exact values</option>
            </select>
          </label>
          {cutoff('Lower', 'low')}
          {cutoff('Upper', 'high')}
          {slider('Gamma', 'gamma', 0.25, 3)}
          {slider('Contrast', 'contrast', 0.5, 4)}
        </>
      )}
      <button type="button" onClick={() => set(defaultScale(layer))}>
        Reset
      </button>
    </div>
  );
}

const round = (value: number) => Number(value.toPrecision(3));

function Switches<Name extends string>(props: {
  names: readonly Name[];
  words: Readonly<Record<Name, string>>;
  values: Readonly<Record<Name, boolean>>;
  /** Words of the glossary that explain a name. */
  terms?: Readonly<Partial<Record<Name, string>>>;
  onChange: (values: Readonly<Record<Name, boolean>>) => void;
}) {
  return (
    <>
      {props.names.map((name) => (
        <label class="row check" key={name} title={titleOf(props.terms?.[name])}>
          <input
            type="checkbox"
            checked={props.values[name]}
            onChange={({ currentTarget }) => props.onChange({ ...props.values, [name]: currentTarget.checked })}
          />
          <span>{props.words[name]}</span>
        </label>
      ))}
    </>
  );
}

interface ToolBarProps {
  readonly legend: Legend | null;
  readonly sheets: Sheets;
  readonly children?: preact.ComponentChildren;
}

/** What the chart shows and how one works with it; on a phone all but the layer and the sheets is behind a button. */
export function ToolBar({ legend, sheets, children }: ToolBarProps) {
  const terminal = useTerminal('settings', 'tool', 'menus');
  const settings = terminal.settings.current;
  const isHeatmap = legend !== null && settings.chartKind === 'heatmap';
  const { menus } = terminal;
  const toggled = (name: MenuName) => ({
    open: menus.open === name,
    onToggle: (to: boolean) => menus.show(to ? name : null),
  });
  const menu = (name: MenuName) => ({ name, ...toggled(name) });
  return (
    <nav class="tool-bar" aria-label="Chart">
      <ChartKindMenu {...toggled('Chart')} />
      {settings.chartKind === 'heatmap' && <LayerSelect />}
      <SheetButtons sheets={sheets} />
      <MoreTools>
        {isHeatmap && <LegendBar legend={legend} />}
        {isHeatmap && legend.layer.kind !== 'states' && (
          <Menu {...menu('Colours')}>
            <ScaleForm legend={legend} />
          </Menu>
        )}
        <Menu {...menu('Overlays')}>
          <Switches
            names={overlayNames}
            words={overlayWords}
            terms={overlayTerms}
            values={settings.overlays}
            onChange={(overlays) => terminal.settings.change({ overlays })}
          />
          {settings.overlays.events && <MarkKinds />}
          <label class="row">
            <span>Readout at the crosshair</span>
            <select
              value={settings.readout}
              onChange={({ currentTarget }) => terminal.settings.change({ readout: currentTarget.value as Readout })}
            >
              {readouts.map((readout) => (
                <option key={readout} value={readout}>
                  {readoutWords[readout]}
                </option>
              ))}
            </select>
          </label>
        </Menu>
        <Menu {...menu('Panels')}>
          <Switches
            names={panelNames}
            words={panelWords}
            values={settings.panels}
            onChange={(panels) => terminal.settings.change({ panels })}
          />
          <label class="row check">
            <input
              type="checkbox"
              checked={settings.volumeProfile}
              onChange={({ currentTarget }) => terminal.settings.change({ volumeProfile: currentTarget.checked })}
            />
            <span>Session volume in the depth profile</span>
          </label>
        </Menu>
        <LayoutMenu />
        <div class="group" role="radiogroup" aria-label="Tool">
          {toolWords.map(([tool, label, title]) => (
            // biome-ignore lint/a11y/useSemanticElements: buttons that look like buttons and behave as radios
            <button
              key={tool}
              type="button"
              role="radio"
              aria-checked={terminal.chart.tool === tool}
              title={title}
              onClick={() => terminal.chart.setTool(tool)}
            >
              {label}
            </button>
          ))}
        </div>
        <span class="spring" />
        {children}
      </MoreTools>
    </nav>
  );
}

/** The rest of the bar: part of it, or on a phone a sheet over the chart. */
function MoreTools({ children }: { children: preact.ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const tools = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = ({ target }: PointerEvent) => {
      if (![button, tools].some(({ current }) => current?.contains(target as Node))) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const close = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open) return;
    event.stopPropagation();
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class="more-button"
        aria-expanded={open}
        aria-controls="more-tools"
        onClick={() => setOpen(!open)}
      >
        More
      </button>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only Escape, which the controls inside are what takes */}
      <div ref={tools} id="more-tools" class={`more-tools ${open ? 'is-open' : ''}`} onKeyDown={close}>
        {children}
      </div>
    </>
  );
}
