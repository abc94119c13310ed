import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Feed } from '../feed/feed.ts';
import { LocalFeed } from '../local/local_feed.ts';
import type { PageRequest } from '../playback/page_address.ts';
import type { Terminal } from '../playback/terminal.ts';
import { App } from './app.tsx';
import type { FileSheet } from './file_sheet.tsx';
import { Landing } from './landing.tsx';

interface RootProps {
  readonly request: PageRequest;
  /** The feed that the address asks for. */
  readonly first: Feed | null;
  readonly createTerminal: (feed: Feed) => Terminal;
}

/** The whole page: a stream or a file on the chart, or what to do to get there. */
export function Root({ request, first, createTerminal }: RootProps) {
  const [feed, setFeed] = useState(first);
  const [offered, setOffered] = useState<readonly File[] | null>(null);
  const Sheet = useFileSheet(offered !== null);
  const terminal = useMemo(() => (feed === null ? null : createTerminal(feed)), [feed]);
  useEffect(() => {
    terminal?.start();
    return () => feed?.stop();
  }, [terminal]);
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setOffered([...(event.dataTransfer?.files ?? [])]);
    };
    document.addEventListener('dragover', over);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('drop', drop);
    };
  }, []);
  return (
    <>
      {terminal === null ? (
        <Landing request={request} onOpenFile={() => setOffered([])} />
      ) : (
        <App key={terminal} terminal={terminal} onOpenFile={() => setOffered([])} />
      )}
      {offered !== null && Sheet !== null && (
        <Sheet
          offered={offered}
          onClose={() => setOffered(null)}
          onOpen={(fileRequest) => {
            setOffered(null);
            setFeed(new LocalFeed(fileRequest));
          }}
        />
      )}
    </>
  );
}

/** The sheet for opening a file, which reads files itself: it is loaded when it is wanted first. */
function useFileSheet(wanted: boolean): typeof FileSheet | null {
  const [loaded, setLoaded] = useState<{ readonly sheet: typeof FileSheet } | null>(null);
  useEffect(() => {
    const load = async () => {
      // Before the modules of the sheet, some of which make schemas.
      await import('../local/without_eval.ts');
      const { FileSheet: sheet } = await import('./file_sheet.tsx');
      setLoaded({ sheet });
    };
    if (wanted && loaded === null) void load();
  }, [wanted]);
  return loaded?.sheet ?? null;
}
