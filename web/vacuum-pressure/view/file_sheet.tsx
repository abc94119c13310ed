import { notNull } from '../../../src/errors.ts';
import './form.css';
import './file_sheet.css';
import { useEffect, useRef } from 'preact/hooks';
import type { FileRequest } from '../local/worker_messages.ts';
import { type FileFields, useFileForm } from './use_file_form.ts';

interface FileSheetProps {
  /** Files that were dropped on the page. */
  readonly offered: readonly File[];
  readonly onClose: () => void;
  readonly onOpen: (request: FileRequest) => void;
}

const clock = '([01]\\d|2[0-3]):[0-5]\\d';

/** Asks for what a replay in the browser needs: the data, the instrument, and when. */
export function FileSheet({ offered, onClose, onOpen }: FileSheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const form = useFileForm(offered);
  const { data, config, fields, problem, missing } = form;
  useEffect(() => {
    notNull(dialog.current).showModal();
  }, []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const request = form.request();
    if (request !== null) onOpen(request);
  };
  const picker = (label: string, accept: string, chosen: File | null) => (
    <label class="row">
      <span>{label}</span>
      <input
        type="file"
        accept={accept}
        onChange={({ currentTarget }) => form.take([...(currentTarget.files ?? [])])}
      />
      <strong class="file-name" title={chosen?.name}>
        {chosen?.name ?? 'none chosen'}
      </strong>
    </label>
  );
  const field = (label: string, key: keyof FileFields, pattern: string, placeholder: string, required = true) => (
    <label class="row">
      <span>{label}</span>
      <input
        type="text"
        size={12}
        {...{ pattern, placeholder, required }}
        title={`As ${placeholder}`}
        value={fields[key]}
        onInput={({ currentTarget }) => form.change({ [key]: currentTarget.value })}
      />
    </label>
  );
  return (
    <dialog ref={dialog} class="file-sheet" aria-labelledby="file-title" onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id="file-title">Replay a file in this browser</h2>
        <p class="quiet">
          Nothing is uploaded: the engine runs here. Drop the files anywhere on the page, or choose them.
        </p>
        {picker('Market data (.dbn, .dbn.zst, .dbz)', '.dbn,.zst,.dbz', data)}
        {picker('Instrument (.yaml) or replay configuration (.json), optional', '.yaml,.yml,.json', config)}
        {problem !== null && (
          <p class="tone-warning" role="alert">
            {problem}
          </p>
        )}
        {form.asksInstrument && <InstrumentRow form={form} />}
        {form.asksInstrument && field('Tick size, price units', 'tickSize', '\\d*\\.?\\d+', '0.25')}
        {field('Session date', 'date', '\\d{4}-\\d{2}-\\d{2}', 'YYYY-MM-DD')}
        {field('First bin, New York time', 'startTime', clock, 'HH:MM')}
        {field('End, New York time (optional)', 'endTime', clock, 'HH:MM', false)}
        <div class="row end">
          {missing.length > 0 && <span class="tone-warning">Still needed: {missing.join(' and ')}.</span>}
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" disabled={missing.length > 0}>
            Replay
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** The file's instruments, where no configuration says which, or one that the file has not. */
function InstrumentRow({ form: { facts, foreign, fields, change } }: { form: ReturnType<typeof useFileForm> }) {
  const symbols = facts?.symbols ?? [];
  return (
    <>
      {foreign !== null && (
        <p class="tone-warning" role="alert">
          The configuration is of {foreign}, and the file holds{' '}
          {symbols
            .map(({ symbol }) => symbol)
            .slice(0, 8)
            .join(', ')}
          {symbols.length > 8 && ` and ${symbols.length - 8} more`}. An instrument chosen here is replayed with default
          settings in its place.
        </p>
      )}
      <div class="row">
        <span>
          <label for="file-instrument">Instrument of the file</label>
        </span>
        {symbols.length > 0 ? (
          <select
            id="file-instrument"
            value={fields.symbol}
            onChange={({ currentTarget }) => change({ symbol: currentTarget.value })}
          >
            <option value="">choose…</option>
            {symbols.map(({ symbol }) => (
              <option key={symbol} value={symbol}>
                {symbol}
              </option>
            ))}
          </select>
        ) : (
          <input
            id="file-instrument"
            type="text"
            placeholder="ESH4"
            value={fields.symbol}
            onInput={({ currentTarget }) => change({ symbol: currentTarget.value.trim() })}
          />
        )}
      </div>
    </>
  );
}
