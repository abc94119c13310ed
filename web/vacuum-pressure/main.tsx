import { render } from 'preact';
import { notNull } from '../../src/errors.ts';
import '../shared/tokens.css';
import '../shared/base.css';
import { enter } from '../shared/enter.ts';
import { applyTheme } from '../shared/theme.ts';
import type { Feed } from './feed/feed.ts';
import { SocketFeed, streamUrl } from './feed/socket_feed.ts';
import { followAlerts } from './follow_alerts.ts';
import { followLive } from './follow_live.ts';
import { readBookmarks } from './playback/bookmarks.ts';
import { parseFragment, parseLayoutLink, parseQuery, parseTradeLink } from './playback/page_address.ts';
import { Terminal } from './playback/terminal.ts';
import { followFacts } from './serving_facts.ts';
import { IndexedArchive } from './session/indexed_archive.ts';
import { Root } from './view/root.tsx';
import { readLayouts } from './viewport/layouts.ts';
import { readSettings, type Settings } from './viewport/settings.ts';

const settingsKey = 'spymaster.vacuum-pressure';
const layoutsKey = `${settingsKey}.layouts`;

/** The terminal that is shown, which links to other moments lead. */
let shown: Terminal | null = null;

function storedSettings(): Settings {
  const theme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  return readSettings(localStorage.getItem(settingsKey), theme, window.innerWidth);
}

/** A terminal on a feed, whose settings and bookmarks outlive the visit. */
function createTerminal(feed: Feed): Terminal {
  const asked = parseFragment(location.hash);
  const terminal = new Terminal(feed, storedSettings(), asked.tsNs, () => new IndexedArchive());
  if (asked.problem !== null) terminal.notices.say(asked.problem);
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
  terminal.layouts.set(readLayouts(localStorage.getItem(layoutsKey)));
  terminal.topics.on(['layouts'], () => localStorage.setItem(layoutsKey, JSON.stringify(terminal.layouts.list)));
  takeLayout(terminal);
  followAlerts(terminal);
  // A file that the browser replays has no results.
  if (feed instanceof SocketFeed) {
    followFacts(terminal, parseTradeLink(location.hash), asked.tsNs !== null);
    if (request.kind === 'serving') followLive(terminal, request.serving);
  }
  // For the browser's console, and for tests that ask what the page knows.
  Object.assign(globalThis, { terminal });
  shown = terminal;
  return terminal;
}

/** Arranges the page as a link says; what was there can be had back by its name, or by a preset's. */
function takeLayout(terminal: Terminal): void {
  const asked = parseLayoutLink(location.hash);
  if (asked === null) return;
  if ('problem' in asked) {
    terminal.notices.say(asked.problem);
    return;
  }
  terminal.layouts.apply(asked.layout);
  terminal.notices.say(
    `The page is arranged as the layout “${asked.layout.name}” of the link; save it under Layouts to keep it.`,
  );
}

/** Follows links to other moments of the session that is open. */
function followFragment(): void {
  if (shown !== null) takeLayout(shown);
  const { tsNs, problem } = parseFragment(location.hash);
  if (problem !== null) shown?.notices.say(problem);
  else if (tsNs !== null) shown?.playback.seekNs(tsNs);
}

applyTheme(document.documentElement, storedSettings().theme);
addEventListener('hashchange', followFragment);
await enter();
const request = parseQuery(location.search);
const socketFeed = request.kind === 'serving' ? new SocketFeed(streamUrl(location, request.serving)) : null;
render(
  <Root request={request} first={socketFeed} createTerminal={createTerminal} />,
  notNull(document.getElementById('app')),
);
