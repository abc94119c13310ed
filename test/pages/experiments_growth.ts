import { deepEqual, equal, ok } from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ResultsStore } from '../../src/lake/index.ts';
import { type Server, startServer } from '../../src/server/index.ts';
import { runsSchema, type TableResponse, tableFields, tableSchema } from '../../src/wire/index.ts';
import { grown, type Table } from '../../web/experiments/model/table.ts';
import { createExperimentsLake, type ExperimentsLake } from '../helpers/experiments_lake.ts';

let fixture: ExperimentsLake;
let server: Server;

before(async () => {
  fixture = await createExperimentsLake();
  server = await startServer({ lake: fixture.lake, host: '127.0.0.1', port: 0, webRoot: '' });
});
after(async () => {
  await server?.close();
  fixture?.remove();
});

const question = 'sort=mean_net_pnl_ticks&min_signals=260';

async function ask(after: string | null): Promise<TableResponse> {
  const url = `/v1/experiments/table?${question}${after === null ? '' : `&after=${after}`}`;
  const { statusCode, body } = await server.app.inject(url);
  equal(statusCode, 200, body);
  return tableSchema.parse(JSON.parse(body));
}

/** What the page holds, in an order of its own. */
const heldBy = ({ runs, served, filters, family, sweeps }: Table) => ({
  runs: runs.toSorted((a, b) => (a.run_id < b.run_id ? -1 : 1)),
  served,
  filters,
  family,
  sweeps,
});

/** The same from the path that knows nothing of growth. */
async function freshly(): Promise<unknown> {
  const { body } = await server.app.inject(`/v1/experiments/runs?${question}&top_n=100000`);
  const { runs, filters, family, sweeps } = runsSchema.parse(JSON.parse(body));
  const rows = runs.toSorted((a, b) => (a.run_id < b.run_id ? -1 : 1));
  return {
    rows: rows.map((run) => [...tableFields.map((field) => run[field]), run.q_value]),
    filters,
    family,
    sweeps,
  };
}

test('a page that grew holds what a fresh one holds, whatever happened to the results', async () => {
  const parts = () =>
    readdirSync(fixture.lake.results)
      .filter((name) => name.startsWith('part-'))
      .sort();
  const steps: readonly (readonly [string, number | 'all', () => Promise<unknown>])[] = [
    ['nothing', 0, async () => {}],
    // Runs of other experiments on the session are judged anew: their family has grown.
    ['a sweep more', 18, () => fixture.sweep({ experimentName: 'more', tpTicks: [4], cooldownBins: [9] })],
    ['some cells again', 6, () => fixture.sweep({ experimentName: 'more', tpTicks: [4], cooldownBins: [9] }, true)],
    ['a third experiment', 21, () => fixture.sweep({ experimentName: 'third', signalAxes: {}, tpTicks: [2, 4, 8] })],
    ['an alias', 0, () => fixture.publish(fixture.plan.cells.at(0).runId, 'winner')],
    [
      'parts merged',
      0,
      async () => {
        using store = await ResultsStore.open(fixture.lake);
        await store.compact();
      },
    ],
    [
      'a sweep after that',
      23,
      () => fixture.sweep({ experimentName: 'more', tpTicks: [6], signalAxes: {}, slTicks: [4, 6] }),
    ],
    // The last parts have the newest judgements of all.
    [
      'results taken away',
      23,
      async () => {
        for (const part of parts().slice(-2)) rmSync(join(fixture.lake.results, part), { recursive: true });
      },
    ],
  ];
  let page = grown(null, await ask(null));
  // A sweep's own statistics change with it, and the deflated Sharpe ratios of all its runs with them.
  for (const [what, most, step] of steps) {
    await step();
    const answer = await ask(page.cursor);
    equal(answer.is_whole, false, what);
    const { run_id: ids } = answer.columns;
    const travelled = Array.isArray(ids) ? ids.length : ids!.at.length;
    ok(travelled <= Number(most), `${what}: ${travelled} rows travelled`);
    page = grown(page, answer);
    deepEqual(heldBy(page), heldBy(grown(null, await ask(null))), what);
    const { runs, filters, family, sweeps } = heldBy(page);
    const rows = runs.map((run) => [...tableFields.map((field) => run[field]), run.q_value]);
    deepEqual({ rows, filters, family, sweeps }, await freshly(), what);
  }
  deepEqual(page.served, { [fixture.plan.cells.at(0).runId]: 'winner' });
  // Some runs of all fire too seldom to be in the table, or the test would not tell.
  ok(page.runs.length < page.family.runs, `${page.runs.length} of ${page.family.runs}`);
  ok(page.runs.some((run) => run.q_value !== null));
});

test('a cursor of another server is answered with the whole table, compressed for who takes that', async () => {
  const answer = await ask('from-before.12');
  equal(answer.is_whole, true);
  const url = `/v1/experiments/table?${question}`;
  const packed = await server.app.inject({ url, headers: { 'accept-encoding': 'br, gzip' } });
  equal(packed.headers['content-encoding'], 'gzip');
  deepEqual(JSON.parse(gunzipSync(packed.rawPayload).toString()), answer);
  const refused = await server.app.inject('/v1/experiments/table?sort=luck');
  equal(refused.statusCode, 422);
});
