import { notNull } from '../../../src/errors.ts';
import './form.css';
import './file_sheet.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type FileChoice, sortFiles, suggestChoice } from '../local/file_choice.ts';
import type { FileRequest } from '../local/worker_messages.ts';

interface FileSheetProps {
  /** Files that were dropped on the page. */
  readonly offered: readonly File[];
  readonly onClose: () => void;
  readonly onOpen: (request: FileRequest) => void;
}

/** Asks for what a replay in the browser needs: the data, the instrument, and when. */
export function FileSheet({ offered, onClose, onOpen }: FileSheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [data, setData] = useState<File | null>(null);
  const [config, setConfig] = useState<File | null>(null);
  const [choice, setChoice] = useState<FileChoice>({ date: '', startTime: '09:30', endTime: '' });
  const take = (files: readonly File[]) => {
    const sorted = sortFiles(files);
    setData((chosen) => sorted.data ?? chosen);
    setConfig((chosen) => sorted.config ?? chosen);
  };
  useEffect(() => {
    notNull(dialog.current).showModal();
  }, []);
  useEffect(() => {
    take(offered);
  }, [offered]);
  useEffect(() => {
    if (data === null) return;
    let isCurrent = true;
    const suggest = async () => {
      const text = config === null ? null : await config.text();
      if (isCurrent) setChoice(suggestChoice(data.name, text));
    };
    void suggest();
    return () => {
      isCurrent = false;
    };
  }, [data, config]);
  const missing = [data === null && 'the market data', config === null && 'the configuration']
    .filter(Boolean)
    .join(' and ');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (data === null || config === null) return;
    const { date, startTime, endTime } = choice;
    const configText = await config.text();
    onOpen({
      file: data,
      configName: config.name,
      configText,
      date,
      startTime,
      endTime: endTime === '' ? null : endTime,
    });
  };
  const picker = (label: string, accept: string, chosen: File | null) => (
    <label class="row">
      <span>{label}</span>
      <input type="file" accept={accept} onChange={({ currentTarget }) => take([...(currentTarget.files ?? [])])} />
      <strong class="file-name" title={chosen?.name}>
        {chosen?.name ?? 'none chosen'}
      </strong>
    </label>
  );
  const field = (label: string, key: keyof FileChoice, type: 'date' | 'time', required: boolean) => (
    <label class="row">
      <span>{label}</span>
      <input
        type={type}
        required={required}
        value={choice[key]}
        onInput={({ currentTarget }) => setChoice({ ...choice, [key]: currentTarget.value })}
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
        {picker('Instrument (.yaml) or replay configuration (.json)', '.yaml,.yml,.json', config)}
        {field('Session date', 'date', 'date', true)}
        {field('First bin, New York time', 'startTime', 'time', true)}
        {field('End, New York time (optional)', 'endTime', 'time', false)}
        <div class="row end">
          {missing !== '' && <span class="tone-warning">Still needed: {missing}.</span>}
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" disabled={missing !== ''}>
            Replay
          </button>
        </div>
      </form>
    </dialog>
  );
}
