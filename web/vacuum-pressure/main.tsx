import { render } from 'preact';
import '../shared/base.css';
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { applyTheme } from '../shared/theme.ts';
import { SocketFeed, streamUrl } from './feed/socket_feed.ts';
import { readBookmarks } from './model/bookmarks.ts';
import { parseFragment, parseQuery } from './model/page_address.ts';
import { readSettings } from './model/settings.ts';
import { Terminal } from './model/terminal.ts';
import { App, Refusal } from './view/app.tsx';

const settingsKey = 'spymaster.vacuum-pressure';

function start(root: HTMLElement): void {
  const theme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  const settings = readSettings(localStorage.getItem(settingsKey), theme);
  applyTheme(document.documentElement, settings.theme);
  const request = parseQuery(location.search);
  if (request.kind === 'refused') {
    render(<Refusal title="This address asks for what the page does not do" message={request.message} />, root);
    return;
  }
  if (request.kind === 'none') {
    const message = `Name what to show in the address: ${location.pathname}?serving=ALIAS, with an alias or a serving id that the server publishes.`;
    render(<Refusal title="No serving version is named" message={message} />, root);
    return;
  }
  const terminal = new Terminal(
    new SocketFeed(streamUrl(location, request.serving)),
    settings,
    parseFragment(location.hash),
  );
  terminal.on(['settings'], () => {
    applyTheme(document.documentElement, terminal.settings.theme);
    localStorage.setItem(settingsKey, JSON.stringify(terminal.settings));
  });
  const bookmarksKey = () => `${settingsKey}.bookmarks.${terminal.session?.contract.config.serving.serving_id}`;
  terminal.on(['bookmarks'], () => localStorage.setItem(bookmarksKey(), JSON.stringify(terminal.bookmarks)));
  terminal.on(['session'], () => {
    const { config } = terminal.session!.contract;
    terminal.setBookmarks(readBookmarks(localStorage.getItem(bookmarksKey())));
    document.title = `${config.symbol} · ${config.serving.serving_name} · Spymaster`;
  });
  // For the browser's console, and for tests that ask what the page knows.
  Object.assign(globalThis, { terminal });
  render(<App terminal={terminal} />, root);
  terminal.start();
}

start(document.getElementById('app')!);
