import './form.css';
import { useMemo, useState } from 'preact/hooks';
import { Menu } from '../../shared/menu.tsx';
import { unixMsOf, ZoneClock } from '../session/format.ts';
import { useTerminal } from './use_terminal.ts';

/** Moments to find again. */
export function BookmarkMenu() {
  const terminal = useTerminal('bookmarks', 'settings');
  const [open, setOpen] = useState(false);
  const clock = useMemo(() => new ZoneClock(terminal.settings.current.zone), [terminal.settings.current.zone]);
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem('name') as HTMLInputElement;
    terminal.bookmark(input.value.trim());
    input.value = '';
  };
  return (
    <Menu name="Bookmarks" open={open} onToggle={setOpen} upwards align="right">
      <form onSubmit={add} class="row">
        <input type="text" name="name" placeholder="Name (optional)" aria-label="Name of the bookmark" size={16} />
        <button type="submit">Add bin shown</button>
      </form>
      {terminal.bookmarks.list.length === 0 && <p class="quiet">None yet. B adds the bin shown.</p>}
      {terminal.bookmarks.list.map(({ tsNs, name }) => (
        <div class="row" key={tsNs}>
          <button type="button" class="grow" onClick={() => terminal.playback.seekTime(unixMsOf(tsNs))}>
            {clock.time(unixMsOf(tsNs), 1)} {name}
          </button>
          <button
            type="button"
            aria-label={`Delete bookmark ${clock.time(unixMsOf(tsNs), 1)} ${name}`}
            onClick={() => terminal.bookmarks.remove(tsNs)}
          >
            Delete
          </button>
        </div>
      ))}
    </Menu>
  );
}
