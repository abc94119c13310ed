import { notNull } from '../../../src/errors.ts';
import './form.css';
import { useState } from 'preact/hooks';
import { Menu } from '../../shared/menu.tsx';
import { drawPicture } from '../chart/picture.ts';
import { fragmentOf } from '../playback/page_address.ts';
import type { Terminal } from '../playback/terminal.ts';
import { cellValues, exportName, heldCells, maxExportedRows, toCsv } from '../session/export_rows.ts';
import { formatCount } from '../session/format.ts';
import { visibleBins, visibleTicks } from '../viewport/viewport.ts';
import { useTerminal } from './use_terminal.ts';

function download(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function exportCells(terminal: Terminal, format: 'csv' | 'arrow'): Promise<void> {
  const { session, originNs } = terminal.data;
  const { view } = terminal.chart;
  if (session === null || originNs === null) return;
  const cells = heldCells(session, visibleBins(view), visibleTicks(view));
  if (cells === null) {
    terminal.notices.say(`More than ${formatCount(maxExportedRows)} cells are in view. Zoom in and export again.`);
    return;
  }
  if (cells.length === 0) {
    terminal.notices.say('No values are in view, so there is nothing to export.');
    return;
  }
  const name = exportName(session, cells);
  const values = await cellValues(session, cells);
  if (format === 'csv') {
    download(`${name}.csv`, new Blob([toCsv(session, originNs, cells, values)], { type: 'text/csv' }));
  } else {
    const { toArrow } = await import('../session/export_arrow.ts');
    const bytes = toArrow(session, originNs, cells, values);
    download(`${name}.arrow`, new Blob([bytes], { type: 'application/vnd.apache.arrow.stream' }));
  }
  terminal.notices.say(`Exported ${formatCount(cells.length)} cells as ${name}.${format}.`);
}

/** Copies a link to a bin, the one pointed at unless it is named, and puts its time into the address. */
export async function copyLink(terminal: Terminal, seq = terminal.chart.pointedSeq): Promise<void> {
  const tsNs = terminal.data.endNs(seq);
  if (tsNs === null) return;
  await copyAddress(terminal, fragmentOf(tsNs));
}

/** Puts a fragment into the page's address and copies it. */
export async function copyAddress(terminal: Terminal, fragment: string): Promise<void> {
  history.replaceState(null, '', fragment);
  try {
    await navigator.clipboard.writeText(location.href);
    terminal.notices.say('The link is copied.');
  } catch {
    terminal.notices.say('The browser does not let the page copy; the link is in the address bar.');
  }
}

/** Saves the chart as it is drawn. */
export async function exportPicture(terminal: Terminal): Promise<void> {
  const { session } = terminal.data;
  const canvas = session === null ? null : drawPicture(terminal, session);
  const blob = await new Promise<Blob | null>((done) => (canvas === null ? done(null) : canvas.toBlob(done)));
  if (blob === null) return;
  const { symbol, stream_dt } = notNull(session).contract.config;
  download(`${symbol}_${stream_dt}_bin_${terminal.chart.shownSeq}.png`, blob);
}

/** Pictures, tables and links of what is in view. */
export function ExportMenu() {
  const terminal = useTerminal('session');
  const [open, setOpen] = useState(false);
  const entry = (label: string, run: () => Promise<void>) => (
    <button
      type="button"
      class="grow"
      onClick={() => {
        setOpen(false);
        void run();
      }}
    >
      {label}
    </button>
  );
  return (
    <Menu name="Export" open={open} onToggle={setOpen} align="right">
      {entry('Picture of the chart (PNG)', () => exportPicture(terminal))}
      {entry('Cells in view as CSV', () => exportCells(terminal, 'csv'))}
      {entry('Cells in view as Arrow', () => exportCells(terminal, 'arrow'))}
      {entry('Copy link to the bin shown', () => copyLink(terminal))}
    </Menu>
  );
}
