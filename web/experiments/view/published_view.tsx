import './published_view.css';
import { useState } from 'preact/hooks';
import { fetchServings, streamHref } from '../../shared/servings.ts';
import { useFetched } from '../../shared/use_fetched.ts';
import { fetchHistory } from '../model/published_api.ts';
import { AliasHistoryTable } from './alias_history.tsx';
import { TokenNotice } from './token_notice.tsx';
import type { Changes } from './use_changes.ts';
import { VersionComparison } from './version_comparison.tsx';

interface PublishedViewProps {
  /** Changes when an alias is moved. */
  readonly version: string;
  readonly changes: Changes;
  readonly alias: string;
  readonly onAlias: (alias: string) => void;
}

/** What is published: the history of each alias with reasons, its rollback, and versions side by side. */
export function PublishedView({ version, changes, alias, onAlias }: PublishedViewProps) {
  const [changed, setChanged] = useState(0);
  const key = `${version} ${changed}`;
  const { value: list, error } = useFetched(`published ${key}`, fetchServings);
  const aliases = (list?.versions ?? []).flatMap((one) => one.aliases).sort();
  const open = aliases.includes(alias) ? alias : (aliases[0] ?? '');
  const { value: history, error: historyError } = useFetched(open === '' ? null : `${open} ${key}`, (signal) =>
    fetchHistory(open, signal),
  );
  return (
    <main class="published">
      <TokenNotice changes={changes} />
      <nav class="aliases" aria-label="Aliases">
        <h3>Aliases</h3>
        {error !== null && <p class="tone-error">{error}</p>}
        {list !== null && aliases.length === 0 && <p class="quiet">Nothing is published: open a run and promote it.</p>}
        {aliases.map((name) => (
          <button
            key={name}
            type="button"
            aria-current={name === open ? 'page' : undefined}
            onClick={() => onAlias(name)}
          >
            {name}
          </button>
        ))}
      </nav>
      <div class="alias">
        {historyError !== null && <p class="tone-error">{historyError}</p>}
        {history !== null && (
          <>
            <h3>
              {history.alias} <a href={streamHref(history.alias)}>Open stream</a>
            </h3>
            <AliasHistoryTable
              history={history}
              mayChange={changes.state === 'allowed'}
              onChanged={() => setChanged((before) => before + 1)}
            />
            <VersionComparison key={history.alias} history={history} />
          </>
        )}
      </div>
    </main>
  );
}
