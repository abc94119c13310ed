import './mark_kinds.css';
import { eventWords, markedKinds } from '../session/event_words.ts';
import { useTerminal } from './use_terminal.ts';

/** The kinds of events that are marked on the chart, each with its letter. */
export function MarkKinds() {
  const { settings } = useTerminal('settings');
  const { marks } = settings.current;
  return (
    <div class="mark-kinds">
      {markedKinds.map((kind) => (
        <label class="row check" key={kind} title={eventWords[kind].about}>
          <input
            type="checkbox"
            checked={marks[kind]}
            onChange={({ currentTarget }) => settings.change({ marks: { ...marks, [kind]: currentTarget.checked } })}
          />
          <i>{eventWords[kind].mark}</i>
          <span>{eventWords[kind].label}</span>
        </label>
      ))}
    </div>
  );
}
