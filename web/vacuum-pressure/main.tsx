import { render } from 'preact';
import { notNull } from '../../src/errors.ts';
import '../shared/tokens.css';
import '../shared/base.css';
import 'uplot/dist/uPlot.min.css';
import { enter } from '../shared/enter.ts';
import { applyTheme } from '../shared/theme.ts';
import type { Feed } from './feed/feed.ts';
import { SocketFeed, streamUrl } from './feed/socket_feed.ts';
import { readBookmarks } from './playback/bookmarks.ts';
import { parseFragment, parseQuery } from './playback/page_address.ts';
import { Terminal } from './playback/terminal.ts';
import { Root } from './view/root.tsx';
import { readSettings, type Settings } from './viewport/settings.ts';

const settingsKey = 'spymaster.vacuum-pressure';

function storedSettings(): Settings {
  const theme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  return readSettings(localStorage.getItem(settingsKey), theme, window.innerWidth);
}

/** A terminal on a feed, whose settings and bookmarks outlive the visit. */
function createTerminal(feed: Feed): Terminal {
  const terminal = new Terminal(feed, storedSettings(), parseFragment(location.hash));
  const bookmarksKey = () => `${settingsKey}.bookmarks.${terminal.data.session?.contract.config.serving.serving_id}`;
  terminal.topics.on(['settings'], () => {
    applyTheme(document.documentElement, terminal.settings.current.theme);
    localStorage.setItem(settingsKey, JSON.stringify(terminal.settings.current));
  });
  terminal.topics.on(['bookmarks'], () =>
    localStorage.setItem(bookmarksKey(), JSON.stringify(terminal.bookmarks.list)),
  );
  terminal.topics.on(['session'], () => {
    const { config } = notNull(terminal.data.session).contract;
    terminal.bookmarks.set(readBookmarks(localStorage.getItem(bookmarksKey())));
    document.title = `${config.symbol} · ${config.serving.serving_name} · Spymaster`;
  });
  // For the browser's console, and for tests that ask what the page knows.
  Object.assign(globalThis, { terminal });
  return terminal;
}

applyTheme(document.documentElement, storedSettings().theme);
await enter();
const request = parseQuery(location.search);
const socketFeed = request.kind === 'serving' ? new SocketFeed(streamUrl(location, request.serving)) : null;
render(
  <Root request={request} first={socketFeed} createTerminal={createTerminal} />,
  notNull(document.getElementById('app')),
);
