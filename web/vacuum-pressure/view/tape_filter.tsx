import { useState } from 'preact/hooks';
import { Menu } from '../../shared/menu.tsx';
import type { EventFilter } from '../session/event_filter.ts';
import { eventKinds, eventWords } from '../session/event_words.ts';

/** Kinds and smallest size of the events that the tape shows. */
export function TapeFilter({ filter, onChange }: { filter: EventFilter; onChange: (filter: EventFilter) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <label class="tape-size">
        <span class="quiet">from</span>
        <input
          type="number"
          min={1}
          value={filter.minSize}
          aria-label="Smallest size on the tape"
          onChange={({ currentTarget }) => {
            const minSize = currentTarget.valueAsNumber;
            if (minSize >= 1) onChange({ ...filter, minSize });
          }}
        />
      </label>
      <Menu name="Kinds" open={open} onToggle={setOpen} align="right">
        {eventKinds.map((kind) => (
          <label class="row check" key={kind} title={eventWords[kind].about}>
            <input
              type="checkbox"
              checked={filter.kinds[kind]}
              onChange={({ currentTarget }) =>
                onChange({ ...filter, kinds: { ...filter.kinds, [kind]: currentTarget.checked } })
              }
            />
            <span>{eventWords[kind].label}</span>
          </label>
        ))}
      </Menu>
    </>
  );
}
