import type { Feed } from '../feed/feed.ts';
import type { CellArchive } from '../session/cell_archive.ts';
import { Proof } from '../session/proof.ts';
import { SessionData } from '../session/session_data.ts';
import { Topics } from '../session/topics.ts';
import { ChartState } from '../viewport/chart_state.ts';
import { LadderState } from '../viewport/ladder_state.ts';
import { Layouts } from '../viewport/layouts.ts';
import { Menus } from '../viewport/menus.ts';
import { CurrentSettings, type Settings } from '../viewport/settings.ts';
import { Alerts } from './alerts.ts';
import { Bookmarks } from './bookmarks.ts';
import { Facts } from './facts.ts';
import { Live } from './live.ts';
import { Notices } from './notices.ts';
import { Playback } from './playback.ts';

/** The state of the page. It draws nothing and knows no browser. */
export class Terminal {
  readonly topics = new Topics();
  readonly settings: CurrentSettings;
  readonly data: SessionData;
  readonly chart: ChartState;
  readonly playback: Playback;
  readonly bookmarks: Bookmarks;
  readonly notices: Notices;
  readonly facts: Facts;
  readonly live: Live;
  readonly ladder: LadderState;
  readonly proof: Proof;
  readonly layouts: Layouts;
  readonly menus: Menus;
  readonly alerts: Alerts;

  /** `startNs` is the UNIX time at which playback starts; null: at the first bin. `openArchive`: see `SessionData`. */
  constructor(feed: Feed, settings: Settings, startNs: bigint | null, openArchive?: () => CellArchive | null) {
    const { topics } = this;
    this.settings = new CurrentSettings(topics, settings);
    this.data = new SessionData(topics, openArchive);
    this.chart = new ChartState(topics, this.settings, this.data);
    this.bookmarks = new Bookmarks(topics);
    this.notices = new Notices(topics);
    this.facts = new Facts(topics);
    this.live = new Live(topics, this.data);
    this.ladder = new LadderState(topics, this.data);
    this.proof = new Proof(topics);
    this.layouts = new Layouts(topics, this.settings);
    this.menus = new Menus(topics);
    this.alerts = new Alerts(topics, this.data);
    const { data, chart, notices, live } = this;
    this.playback = new Playback(feed, { topics, data, chart, notices, live }, startNs);
  }

  start(): void {
    this.playback.start();
  }

  /** Shows a trade of the session, and the stream from its entry on. */
  showTrade(index: number): void {
    this.facts.showTrade(index);
    const { trade } = this.facts;
    const { session } = this.data;
    if (trade !== null && session !== null) this.playback.seekTime(trade.entryMs + session.contract.cellNs / 1e6);
  }

  /** Bookmarks the bin under the crosshair, or without one the bin shown, under a name. */
  bookmark(name: string): void {
    const tsNs = this.data.endNs(this.chart.pointedSeq);
    if (tsNs !== null) this.bookmarks.add(tsNs, name);
  }
}
