import { deepEqual, equal, notEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import {
  defaultRuntimeConfig,
  parseExperimentSpec,
  parsePipelineSpec,
  parsePipelineTemplate,
  parseYaml,
  resolveDay,
  resolvePipeline,
  resolveTemplate,
} from './index.ts';

const experimentYaml = `name: e
serving: s
eval: {tp_ticks: 8, sl_ticks: 4, max_hold_bins: 300}
`;
const pipelineYaml = `name: busy
pipeline_code_version: 3
capture: {product_type: future_mbo, symbol: MNQH6, dt: 2026-02-06, start_time: "09:30", end_time: "10:30"}
`;
const dateless = pipelineYaml.replace('dt: 2026-02-06, ', '');

function experimentOf(more: string, evalMore = '') {
  const { value, origin } = parseYaml(experimentYaml.replace('300}', `300${evalMore}}`) + more, 'e.yaml');
  return parseExperimentSpec(value, origin);
}
function templateOf(text: string, symbol = 'MNQH6', lock: 'symbol' | 'root' = 'symbol') {
  const { value, origin } = parseYaml(text, 'p.yaml');
  return resolveTemplate(parsePipelineTemplate(value, origin), { ...defaultRuntimeConfig, symbol }, origin, lock);
}
const pipelineOf = (text: string) => {
  const { value, origin } = parseYaml(text, 'p.yaml');
  return resolvePipeline(parsePipelineSpec(value, origin), defaultRuntimeConfig, origin);
};

test('sessions are a range, dates or datasets, with rules that have defaults', () => {
  deepEqual(experimentOf('sessions: {from: 2026-01-05, to: 2026-03-31}\n').sessions, {
    ...{ from: '2026-01-05', to: '2026-03-31', exclude: [], early_close: 'skip', contract: 'fixed', missing: 'fail' },
    holdout: 0,
  });
  const all = `sessions:
  dates: [2026-01-05, 2026-02-30]
  window: {start_time: "09:30", end_time: "16:00"}
  exclude: [2026-02-16]
  early_close: clip
  contract: previous_volume
  missing: skip
  holdout: 10
  final: 2026-03-31
signals: [ads, pfp]
`;
  const { sessions, signals } = experimentOf(all);
  // A date that never was is named in the plan.
  deepEqual(sessions?.dates, ['2026-01-05', '2026-02-30']);
  deepEqual(
    [sessions?.early_close, sessions?.contract, sessions?.missing, sessions?.holdout],
    [...['clip', 'previous_volume', 'skip', 10]],
  );
  deepEqual(signals, ['ads', 'pfp']);
  equal(experimentOf('').sessions, undefined);
});

test('sessions that contradict themselves are refused at their line', () => {
  const refused = (text: string, message: RegExp) =>
    throws(() => experimentOf(`sessions: ${text}\n`), { code: 'CONFIG_INVALID', message });
  refused('{}', /missing key "sessions\.from"; allowed: one of from \(with to\), dates and datasets/);
  refused('{from: 2026-01-05}', /missing key "sessions\.to"; allowed: a date with from, not before it/);
  refused(
    '{from: 2026-01-05, to: 2026-01-02}',
    /e\.yaml:4:34: sessions\.to is "2026-01-02"; allowed: a date with from/,
  );
  refused(
    '{from: 2026-2-3, to: 2026-03-02}',
    /sessions\.from is "2026-2-3"; allowed: a date of the calendar YYYY-MM-DD\.$/,
  );
  refused('{from: 2026-02-30, to: 2026-03-02}', /sessions\.from is "2026-02-30"; allowed: a date of the calendar/);
  refused('{from: 2026-01-05, to: 2026-01-06, dates: [2026-01-05]}', /sessions\.from .* allowed: one of from/);
  refused('{dates: [2026-01-05, 2026-01-05]}', /allowed: a list of different dates/);
  refused('{datasets: [a], contract: previous_volume}', /sessions\.contract .* allowed: fixed with datasets/);
  refused('{dates: [2026-01-05], holdout: -1}', /sessions\.holdout is -1; allowed: an integer from 0/);
  refused('{dates: [2026-01-05], early_close: clop}', /allowed: one of skip, clip/);
  refused('{dates: [2026-01-05], mising: skip}', /unknown key "sessions\.mising"; the nearest known key is "missing"/);
  throws(() => experimentOf('signals: [ads, ads]\n'), /signals is .*; allowed: a list of different signals/);
});

test('costs, entry and walk-forward of an experiment are read', () => {
  const { eval: plain } = experimentOf('');
  deepEqual(
    [plain.spread_cost, plain.commission_ticks, plain.entry_delay_bins, plain.choose],
    [...['half', 0, 0, 'net_mean']],
  );
  const sessions = 'sessions: {dates: [2026-01-05]}\n';
  const split = '{train_sessions: 20, test_sessions: 5, anchored: false}';
  const given = experimentOf(sessions, `, spread_cost: 1.5, entry_delay_bins: 1, choose: sharpe, split: ${split}`).eval;
  deepEqual([given.spread_cost, given.entry_delay_bins, given.choose], [1.5, 1, 'sharpe']);
  deepEqual(given.split, { train_sessions: 20, test_sessions: 5, anchored: false });
  const refused = (more: string, message: RegExp, text = sessions) =>
    throws(() => experimentOf(text, more), { message });
  refused(', spread_cost: third', /eval\.spread_cost is "third"; allowed: half, none, or a number of ticks/);
  refused(', split: {train_sessions: 20}', /missing key "eval\.split\.test_sessions"; allowed: a number of sessions/);
  refused(
    ', split: {folds: 3, train_sessions: 2, test_sessions: 1}',
    /eval\.split\.folds is 3; allowed: .* in its place/,
  );
  refused(', split: {}', /missing key "eval\.split\.folds"/);
  refused(`, split: ${split}`, /missing key "sessions"; allowed: the sessions that eval\.split/, '');
});

test('a day of a template has the id of the pipeline that names it', () => {
  const { dt, symbol, start_time, end_time } = pipelineOf(pipelineYaml).spec.capture;
  const day = resolveDay(templateOf(dateless), { dt, symbol, start_time, end_time }, 'p.yaml');
  deepEqual(day, pipelineOf(pipelineYaml));
  const other = resolveDay(templateOf(dateless), { dt, symbol: 'MNQM6', start_time, end_time }, 'p.yaml');
  equal(other.runtime.symbol, 'MNQM6');
  throws(() => resolveDay(templateOf(dateless), { dt, symbol: 'ESH6', start_time, end_time }, 'p.yaml'), {
    code: 'INSTRUMENT_LOCKED',
  });
  throws(() => pipelineOf(dateless), {
    code: 'CONFIG_INVALID',
    message: /missing key "capture\.dt"; allowed: a date YYYY-MM-DD; only a pipeline that an experiment with sessions/,
  });
});

test('the instrument is locked to its symbol, or to its root', () => {
  throws(() => templateOf(dateless, 'MNQM6'), { code: 'INSTRUMENT_LOCKED' });
  equal(templateOf(dateless, 'MNQM6', 'root').runtime.symbol, 'MNQH6');
  throws(() => templateOf(dateless.replace('MNQH6', 'ESH6'), 'MNQM6', 'root'), {
    code: 'INSTRUMENT_LOCKED',
    message: /locked to future_mbo MNQ /,
  });
});

test('columns change the id of a dataset, unless they are all', () => {
  const { datasetId } = pipelineOf(pipelineYaml);
  equal(pipelineOf(`${pipelineYaml}pipeline: {columns: all}\n`).datasetId, datasetId);
  notEqual(pipelineOf(`${pipelineYaml}pipeline: {columns: [k, v_add]}\n`).datasetId, datasetId);
  throws(
    () => pipelineOf(`${pipelineYaml}pipeline: {columns: [k, k]}\n`),
    /allowed: all, or a list of different names/,
  );
});
