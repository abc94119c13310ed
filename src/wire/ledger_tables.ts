import { boolean, double, integer, integers, table, text } from './table_columns.ts';

const perBlock = (about: string) => integers(`per block of time with trades, ${about}`);
const sessionsOf = {
  sessions_hash: text('hash of the sessions'),
  sessions_json: text('sessions by date, product root, start and end, as canonical JSON'),
};
const recordedUtc = text('when this was recorded, ISO 8601 in UTC');

/**
 * One row a trial, threshold and session that was ever evaluated: what its family needs of it to correct for it when its
 * results are gone. Money as in `units`, both sides together.
 */
const tried = table('tried', {
  unit_id: text('hash of the data of the session and the trial'),
  timestamp_utc: text('when the trial was evaluated, ISO 8601 in UTC'),
  trial_hash: text('hash of everything that the trades in a session depend on'),
  threshold: double('signal score, or percentile of past scores, at which the signal fires'),
  signal_name: text('signal that was evaluated'),
  dataset_id: text('dataset of the session'),
  session: text('trading date of the session, YYYY-MM-DD'),
  symbol_root: text('product root of the contract'),
  capture_window: text('window of the day that was asked for, as 09:30-16:00, New York time'),
  start_utc: text('start of the session, ISO 8601 in UTC'),
  end_utc: text('end of the session'),
  max_hold_bins: integer('bins after which a trade is closed'),
  trades_hash: text('hash of the list of trades: firing bin, side, exit bin and outcome'),
  n_signals: integer('trades'),
  n_winners: integer('trades that gained before costs'),
  n_losers: integer('trades that lost before costs'),
  n_blocks: integer('equal blocks of time that the judged bins are cut into, a power of two'),
  block: integers('numbers of the blocks with trades'),
  block_n: perBlock('trades'),
  block_gross: perBlock('gross gain'),
  block_spread: perBlock('half the spreads at entry and exit'),
});

/** One row an output of an experiment's results on a set of sessions, by one program or page. */
const looks = table('looks', {
  timestamp_utc: recordedUtc,
  shown_by: text('`compare`, `report` or `page`'),
  ...sessionsOf,
  trials_hash: text('hash of the trials that were shown'),
});

/** The trials of a look, one a row; looks at the same trials share them. */
const lookTrials = table('look_trials', {
  trials_hash: text('hash of the trials that were shown'),
  trial_hash: text('a trial, at all its thresholds'),
});

/** One row a walk-forward on a set of sessions: how trials were chosen and tested. */
const walkForwards = table('walk_forwards', {
  timestamp_utc: recordedUtc,
  ...sessionsOf,
  train_sessions: integer('sessions that a choice is made on'),
  test_sessions: integer('sessions that it is then tested on'),
  anchored: boolean('whether every train stretch begins with the first session'),
  choose: text('criterion of the choice: `net_mean` or `sharpe`'),
  min_signals: integer('trades that a trial needs on a train stretch to be chosen'),
});

/** What was tried and looked at; kept in a folder of its own, so that it outlives the results. */
export const ledgerTables = { tried, looks, look_trials: lookTrials, walk_forwards: walkForwards } as const;
