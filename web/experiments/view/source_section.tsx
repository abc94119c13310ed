import type { RunDetail } from '../../../src/wire/index.ts';
import { ScrollBox } from './scroll_box.tsx';

type SignalSource = NonNullable<RunDetail['signal_source']>;

const changes: Readonly<Record<SignalSource['now'], ((source: SignalSource) => string) | null>> = {
  same: null,
  changed: ({ folder, entry }) =>
    `The file ${folder}/${entry}, or one that it imports, has changed since: below is the code that was evaluated, and what a promoted version streams.`,
  gone: ({ folder, entry }) =>
    `The file ${folder}/${entry} is gone: below is the code that was evaluated, and what a promoted version streams.`,
  unknown: () =>
    'The code that was evaluated is not in the lake any more: this run cannot be listed or streamed until it is put back.',
};

/** The source of the user's signal that a run evaluated, as it was. */
export function SourceSection({ source }: { source: SignalSource }) {
  const { hash, entry, files, now } = source;
  const warning = changes[now]?.(source) ?? null;
  const texts = Object.entries(files ?? {}).sort(([a], [b]) => Number(b === entry) - Number(a === entry));
  return (
    <section aria-label="Source of the signal">
      <h3>Source of the signal</h3>
      <p>
        {entry}, source <code title={hash}>{hash.slice(0, 12)}</code>
        {now === 'same' && <span class="quiet"> – the file is still this one</span>}
      </p>
      {warning !== null && (
        <p class="tone-warning" role="status">
          {warning}
        </p>
      )}
      {texts.map(([path, text]) => (
        <details key={path}>
          <summary>{path} as it was</summary>
          <ScrollBox label={`Code of ${path}`}>
            <pre>
              <code>{text}</code>
            </pre>
          </ScrollBox>
        </details>
      ))}
    </section>
  );
}
