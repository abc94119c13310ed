import './command_palette.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ServingList } from '../../../src/wire/index.ts';
import { fetchServings } from '../../shared/servings.ts';
import { useDialog } from '../../shared/use_dialog.ts';
import { type Command, findCommands } from '../playback/commands.ts';
import { jumpCommand, pageCommands } from './page_commands.ts';
import { useTerminal } from './use_terminal.ts';

/** Finds everything that the page can do or show by its name. */
export function CommandPalette({ onOpenFile }: { onOpenFile: () => void }) {
  const { menus } = useTerminal('menus');
  const isOpen = menus.open === 'Commands';
  const dialog = useDialog(isOpen);
  // Of a dialog that the page closed the event comes late: the palette may be about to open again.
  const closed = () => {
    if (isOpen && dialog.current?.open !== true) menus.closed('Commands');
  };
  return (
    <dialog ref={dialog} class="palette" aria-label="Commands" onClose={closed}>
      {isOpen && <Palette onOpenFile={onOpenFile} />}
    </dialog>
  );
}

function Palette({ onOpenFile }: { onOpenFile: () => void }) {
  const terminal = useTerminal('settings', 'bookmarks', 'layouts');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const servings = useServings();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const open = (href: string) => location.assign(href);
  const commands = pageCommands(terminal, servings, open, onOpenFile);
  const found = [...jumpCommand(terminal, text), ...findCommands(commands, text)];
  const at = Math.min(chosen, found.length - 1);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    terminal.menus.closed('Commands');
    command.run();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step !== undefined) setChosen(Math.max(0, Math.min(found.length - 1, at + step)));
    else if (event.key === 'Enter') run(found[at]);
    else if (event.key === 'Escape') terminal.menus.closed('Commands');
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found.length === 0 ? undefined : `palette-${at}`}
        aria-label="Name of a command"
        placeholder="Layer, panel, layout, bookmark, speed, version, HH:MM:SS…"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKey}
      />
      <div id="palette-list" role="listbox" aria-label="Commands found" class="palette-list" tabIndex={-1}>
        {found.map((command, index) => (
          <Row key={`${command.group} ${command.words}`} {...{ command, index, isChosen: index === at, run }} />
        ))}
      </div>
      {found.length === 0 && <p class="quiet">Nothing has that name.</p>}
    </>
  );
}

/** The servings of the server; null without one. */
function useServings(): ServingList | null {
  const [servings, setServings] = useState<ServingList | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    fetchServings(stop.signal).then(setServings, () => {});
    return () => stop.abort();
  }, []);
  return servings;
}

function Row(props: { command: Command; index: number; isChosen: boolean; run: (command: Command) => void }) {
  const { command, index, isChosen, run } = props;
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isChosen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the keys of the list
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text field
    <div
      ref={row}
      id={`palette-${index}`}
      role="option"
      aria-selected={isChosen}
      class="palette-row"
      onClick={() => run(command)}
    >
      <span class="quiet">{command.group}</span>
      <span>{command.words}</span>
      {command.key !== undefined && <kbd>{command.key}</kbd>}
    </div>
  );
}
