import './form.css';
import { Menu } from '../../shared/menu.tsx';
import { layoutFragment } from '../playback/page_address.ts';
import type { Terminal } from '../playback/terminal.ts';
import { layoutOf, type NamedLayout, presets } from '../viewport/layouts.ts';
import { copyAddress } from './export_menu.tsx';
import { useTerminal } from './use_terminal.ts';

/** Copies a link that arranges the page as it is now, at the bin shown. */
function share(terminal: Terminal): Promise<void> {
  const { layouts } = terminal;
  const name = [...layouts.list, ...presets].find((known) => layouts.isShown(known))?.name ?? 'Shared layout';
  const layout = layoutOf(terminal.settings.current);
  return copyAddress(terminal, layoutFragment({ name, layout }, terminal.data.endNs(terminal.chart.pointedSeq)));
}

/** Presets, the user's own layouts, and a link to the one shown. */
export function LayoutMenu() {
  const terminal = useTerminal('layouts', 'settings', 'menus');
  const { layouts, menus } = terminal;
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem('name') as HTMLInputElement;
    layouts.save(input.value);
    input.value = '';
  };
  const choice = (layout: NamedLayout) => (
    <button
      type="button"
      class="grow"
      aria-pressed={layouts.isShown(layout)}
      onClick={() => {
        layouts.apply(layout);
        menus.show(null);
      }}
    >
      {layout.name}
    </button>
  );
  return (
    <Menu name="Layouts" open={menus.open === 'Layouts'} onToggle={(to) => menus.show(to ? 'Layouts' : null)}>
      {presets.map((layout) => (
        <div class="row" key={layout.name}>
          {choice(layout)}
        </div>
      ))}
      {layouts.list.map((layout) => (
        <div class="row" key={`own ${layout.name}`}>
          {choice(layout)}
          <button type="button" aria-label={`Delete layout ${layout.name}`} onClick={() => layouts.remove(layout.name)}>
            Delete
          </button>
        </div>
      ))}
      <form onSubmit={save} class="row">
        <input
          type="text"
          name="name"
          placeholder="Name"
          aria-label="Name of the layout"
          size={16}
          maxLength={40}
          required
        />
        <button type="submit">Save as shown</button>
      </form>
      <button type="button" class="grow" onClick={() => void share(terminal)}>
        Copy a link to this layout
      </button>
    </Menu>
  );
}
