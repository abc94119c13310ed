import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { type Control, OverviewBuilder } from '../../../src/wire/index.ts';
import { fakeConfig, fakeFrame, fakeUpdate, originNs } from '../../../test/web/fake_session.ts';
import type { Feed, FeedListener } from '../feed/feed.ts';
import { defaultSettings } from '../viewport/settings.ts';
import { Terminal } from './terminal.ts';

/** A server that does what it is told, one bin at a time. */
class FakeFeed implements Feed {
  listener!: FeedListener;
  readonly sent: Control[] = [];
  retries = 0;
  start(listener: FeedListener): void {
    this.listener = listener;
  }
  send(control: Control): void {
    this.sent.push(control);
  }
  readonly asked: string[] = [];
  askOverview(servingId: string): void {
    this.asked.push(servingId);
  }
  retry(): void {
    this.retries++;
  }
  stop(): void {}

  connect(config = fakeConfig()): void {
    this.listener.connection({ phase: 'streaming', said: null });
    this.listener.config(config);
  }
  bins(...seqs: number[]): void {
    for (const seq of seqs)
      this.listener.bin(
        fakeUpdate(seq),
        fakeFrame(5, () => seq),
      );
  }
  actions(): string[] {
    return this.sent
      .splice(0)
      .map(
        (control) =>
          `${control.action}${'binSeq' in control ? ` ${control.binSeq}` : ''}${'historyBins' in control ? ` after ${control.historyBins}` : ''}`,
      );
  }
}

function opened(startNs: bigint | null = null) {
  const feed = new FakeFeed();
  const terminal = new Terminal(feed, defaultSettings('dark'), startNs);
  terminal.start();
  feed.connect();
  return { feed, terminal };
}
const held = ({ data: { session } }: Terminal) => {
  const seqs: number[] = [];
  for (let seq = 0; seq <= session!.store.newest; seq++) if (session!.store.has(seq)) seqs.push(seq);
  return seqs;
};

test('a reconnected stream goes on at the next bin, and what it sends before that is not shown', () => {
  const { feed, terminal } = opened();
  feed.bins(0, 1, 2);
  terminal.playback.setSpeed(5);
  feed.actions();
  feed.listener.connection({ phase: 'waiting', attempt: 1, delayMs: 250, reason: 'gone' });
  feed.connect();
  deepEqual(feed.actions(), ['speed', 'seek 3']);
  feed.bins(0, 1);
  equal(terminal.data.session!.store.head, 2);
  feed.bins(3, 4);
  deepEqual(held(terminal), [0, 1, 2, 3, 4]);
});

test('another configuration starts another session', () => {
  const { feed, terminal } = opened();
  feed.bins(0, 1);
  feed.connect(fakeConfig({ effective_config_hash: 'other' }));
  equal(terminal.data.session!.store.count, 0);
  deepEqual(feed.actions(), []);
});

test('bins that were under way when one paused come when it goes on, or one by one', () => {
  const { feed, terminal } = opened();
  feed.bins(0, 1);
  terminal.playback.pause();
  feed.bins(2, 3, 4);
  equal(terminal.data.session!.store.head, 1);
  feed.actions();
  terminal.playback.step(1);
  equal(terminal.chart.shownSeq, 2);
  deepEqual(feed.actions(), [], 'the bin was already here');
  terminal.playback.play();
  deepEqual(held(terminal), [0, 1, 2, 3, 4]);
});

test('a step beyond what came fetches one bin and stays paused', () => {
  const { feed, terminal } = opened();
  feed.bins(0, 1);
  terminal.playback.step(1);
  deepEqual(feed.actions(), ['pause', 'seek 2', 'resume']);
  feed.bins(2, 3);
  deepEqual(feed.actions(), ['pause']);
  equal(terminal.chart.shownSeq, 2);
  terminal.playback.step(-1);
  equal(terminal.chart.shownSeq, 1);
});

test('steps that come faster than their bins go on from each other', () => {
  const { feed, terminal } = opened();
  feed.bins(0, 1);
  terminal.playback.step(1);
  terminal.playback.step(1);
  equal(terminal.playback.seekTargetSeq, 3);
  feed.bins(2, 3, 4);
  deepEqual([terminal.chart.shownSeq, terminal.playback.seekTargetSeq, held(terminal)], [3, 3, [0, 1, 2, 3]]);
});

const range = (first: number, end: number) => Array.from({ length: end - first }, (_, at) => first + at);

// The view of the tests is 200 bins wide: a jump to n shows bins n − 133 to n + 66.
test('a jump shows the view’s width around its moment, and nothing that was under way', () => {
  const { feed, terminal } = opened();
  const { chart, playback } = terminal;
  feed.bins(0, 1);
  playback.seek(1000);
  deepEqual(feed.actions(), ['seek 1066 after 199']);
  equal(playback.seekingNs, originNs + 100_100_000_000n);
  equal(chart.view.left, 867, 'the view is there before its bins');
  feed.bins(2, 3);
  deepEqual([held(terminal), playback.seekingNs === null], [[0, 1], false]);
  feed.bins(867);
  deepEqual([playback.seekingNs, chart.shownSeq, chart.view.left], [null, 1, 867]);
  chart.zoomAt(1, 0, 0, 'time');
  equal(chart.view.left, 867, 'what follows meanwhile stays with the jump');
  feed.bins(...range(868, 1068));
  deepEqual(held(terminal), [0, 1, ...range(867, 1068)]);
  deepEqual([chart.shownSeq, chart.momentSeq, chart.following, chart.view.left], [1067, 1000, true, 868]);
  equal(playback.seekTargetSeq, 1001, 'keys go on from the moment');
  chart.followAgain();
  deepEqual([chart.momentSeq, playback.seekTargetSeq], [null, 1067]);
});

test('a jump fetches what is missing, and the bin that it ends at comes once', () => {
  const { feed, terminal } = opened();
  feed.bins(...range(0, 120));
  terminal.playback.seek(100);
  deepEqual(feed.actions(), ['seek 166 after 46']);
  equal(terminal.playback.seekingNs, null, 'the moment is held');
  // What was under way reached the end of the jump before its own bins came.
  feed.bins(...range(120, 170));
  equal(terminal.data.session!.store.head, 169);
  feed.bins(...range(120, 169));
  equal(terminal.data.session!.store.head, 169);
  feed.bins(169, 170);
  equal(terminal.data.session!.store.head, 170);
});

test('a jump while paused steps to its moment, and plays on from what was fetched', () => {
  const { feed, terminal } = opened();
  feed.bins(0, 1);
  terminal.playback.pause();
  terminal.playback.seek(1000);
  deepEqual(feed.actions(), ['pause', 'seek 1066 after 199', 'resume']);
  feed.bins(...range(867, 1067));
  deepEqual(feed.actions(), ['pause']);
  deepEqual([terminal.chart.shownSeq, terminal.playback.paused], [1000, true]);
  terminal.playback.step(-1);
  equal(terminal.chart.shownSeq, 999);
  terminal.playback.play();
  equal(terminal.chart.shownSeq, 1066);
});

test('a connection that breaks during a jump goes on to it', () => {
  const { feed, terminal } = opened();
  feed.bins(0, 1);
  terminal.playback.seek(1000);
  feed.bins(867, 868);
  feed.actions();
  feed.connect();
  deepEqual(feed.actions(), ['seek 1066 after 197']);
});

test('a seek behind the end shows the last bin', () => {
  const { feed, terminal } = opened();
  feed.bins(0, 1);
  terminal.playback.seek(5000);
  feed.bins(298, 299);
  feed.listener.connection({ phase: 'ended', binCount: 300 });
  equal(terminal.chart.shownSeq, 299);
  match(terminal.notices.text, /after the session/);
});

test('after the end, play restarts and a seek connects again', () => {
  const { feed, terminal } = opened();
  feed.bins(0, 1);
  feed.listener.connection({ phase: 'ended', binCount: 2 });
  terminal.playback.seek(0);
  equal(feed.retries, 1);
  feed.actions();
  feed.connect();
  deepEqual(feed.actions(), ['seek 1']);
});

test('a link’s time is sought, and earlier bins are not shown', () => {
  const { feed, terminal } = opened(originNs + 100_000_000_000n);
  deepEqual(feed.sent, [{ action: 'seek', tsNs: originNs + 106_600_000_000n, historyBins: 199 }]);
  equal(terminal.playback.seekingNs, originNs + 100_000_000_000n);
  feed.bins(0, 1, 2, ...range(866, 1067));
  deepEqual(held(terminal), range(866, 1067));
  deepEqual([terminal.chart.momentSeq, terminal.chart.shownSeq], [999, 1066]);
});

test('a link to a time outside the session says so', () => {
  const { feed, terminal } = opened(originNs - 5n);
  feed.bins(...range(0, 70));
  equal(terminal.chart.momentSeq, 0);
  match(terminal.notices.text, /before the session/);
});

test('the chart follows until it is moved; header and panels show the newest bin, wherever the pointer is', () => {
  const { feed, terminal } = opened();
  feed.bins(0, 1, 2);
  const { view } = terminal.chart;
  equal(view.left + view.widthPx * view.binsPerPx, 3);
  terminal.chart.pointAt([view.widthPx - 5, 10]);
  deepEqual([terminal.chart.shownSeq, terminal.chart.pointedSeq], [2, 1]);
  terminal.chart.pointAt(null);
  equal(terminal.chart.pointedSeq, 2);
  terminal.chart.setView({ ...view, left: -50 });
  feed.bins(3);
  equal(terminal.chart.view.left, -50);
  terminal.chart.followAgain();
  equal(terminal.chart.view.left + view.widthPx * view.binsPerPx, 4);
});

test('times and positions are inverse, and a bookmark keeps the end of its bin', () => {
  const { feed, terminal } = opened();
  feed.bins(0, 1, 2);
  equal(terminal.data.timeOf(terminal.data.unixMs(1234.5)), 1234.5);
  terminal.bookmark('here');
  deepEqual(terminal.bookmarks.list, [{ tsNs: String(originNs + 300_000_000n), name: 'here' }]);
  feed.actions();
  terminal.playback.seekTime(terminal.data.unixMs(3));
  equal(terminal.chart.momentSeq, 2);
});

test('the overview is asked for until it is complete, and gives times before the first bin', () => {
  const { feed, terminal } = opened();
  const overview = new OverviewBuilder().overview(
    { serving_id: 'srv_demo', start_ns: String(originNs), cell_width_ms: 100 },
    { is_complete: false, failure: null },
  );
  feed.listener.sessionOverview(overview);
  equal(terminal.data.unixMs(10), Number(originNs / 1_000_000n) + 1000);
  feed.bins(0);
  feed.connect();
  deepEqual(feed.asked, ['srv_demo', 'srv_demo'], 'a connection that broke may have broken the answer too');
  feed.listener.sessionOverview({ ...overview, is_complete: true });
  feed.connect();
  equal(feed.asked.length, 2);
  feed.connect(fakeConfig({ effective_config_hash: 'another' }));
  equal(terminal.data.overview, null, 'another session has another overview');
  equal(feed.asked.length, 3);
});
