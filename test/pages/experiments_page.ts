import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Server, startServer } from '../../src/server/index.ts';
import { type RunsResponse, type TableResponse, tableFields } from '../../src/wire/index.ts';
import { percent, signed } from '../../web/experiments/model/format.ts';
import { verdict } from '../../web/experiments/model/runs.ts';
import { createExperimentsLake, type ExperimentsLake } from '../helpers/experiments_lake.ts';
import { addAxe, buildPage, eventually, launchBrowser, missingChromium, newPage, soon } from '../web/browser.ts';

const options = { skip: missingChromium };
const viewport = { width: 1280, height: 800 };

let pages: Awaited<ReturnType<typeof buildPage>>;
let fixture: ExperimentsLake;
let server: Server;
let browser: Browser;
let page: Page;

const serve = (port = 0) => startServer({ lake: fixture.lake, host: '127.0.0.1', port, webRoot: pages.webRoot });
const rest = async (query: string) =>
  (await (await fetch(`${server.address}/v1/experiments/runs?${query}`)).json()) as RunsResponse;
const open = async (query = '') => {
  await page.goto(`${server.address}/experiments.html${query}`);
  await page.waitForSelector('.grid-row, .sweep, .compare, .empty');
};
const texts = (selector: string) => page.locator(selector).allTextContents();
/** Waits until a column, by its header, has these texts in the order in which rows are seen. */
const columnIs = (label: string, expected: readonly string[]) =>
  soon(async () => deepEqual(await column(label), expected));
const countsAre = (expected: readonly number[]) =>
  soon(async () => deepEqual((await column('n')).map(Number), expected));
/** Waits until the page's address has these values of a parameter. */
const addressHas = (name: string, ...expected: string[]) =>
  soon(async () => deepEqual(new URL(page.url()).searchParams.getAll(name), expected));
const column = (label: string) =>
  page.evaluate((name) => {
    const heads = [...document.querySelectorAll('.grid-head [role=columnheader]')];
    const at = heads.findIndex((head) => head.textContent!.replace(/ [↓↑]$/, '') === name);
    const rows = [...document.querySelectorAll('.grid-row')];
    rows.sort((a, b) => Number(a.getAttribute('aria-rowindex')) - Number(b.getAttribute('aria-rowindex')));
    return rows.map((row) => row.children[at]!.textContent!.trim());
  }, label);

before(async () => {
  if (missingChromium !== false) return;
  [pages, fixture, browser] = await Promise.all([
    buildPage('experiments'),
    createExperimentsLake(),
    launchBrowser({ webGl: false }),
  ]);
  server = await serve();
  page = await newPage(browser, { viewport, colorScheme: 'dark' });
});

after(async () => {
  await browser?.close();
  await server?.close();
  fixture?.remove();
  pages?.remove();
});

test(
  'the table holds what the server holds, sorted and filtered as asked, and the address keeps it',
  options,
  async () => {
    await open();
    const { runs } = await rest('sort=evidence&top_n=100');
    await columnIs(
      'Net PnL, ticks',
      runs.map((run) => signed(run.mean_net_pnl_ticks, 2)),
    );
    await columnIs(
      'TP rate',
      runs.map((run) => percent(run.tp_rate)),
    );
    const ends = runs.map((run) => [run.mean_net_pnl_ticks_low, run.mean_net_pnl_ticks_high]);
    await columnIs(
      'Net PnL, ticks, 95 % interval',
      ends.map(([low, high]) => `${signed(low!, 2)} … ${signed(high!, 2)}`),
    );
    await soon(async () =>
      equal(await page.locator('.grid-row .interval-bar').count(), runs.length, 'one graphic a row'),
    );
    await soon(async () =>
      equal(await page.locator('.grid-row:not(.does-not-survive)').count(), runs.filter((run) => run.survives).length),
    );
    await page.getByRole('button', { name: 'Net PnL, ticks, 95 % interval' }).click();
    await columnIs(
      'Net PnL, ticks, 95 % interval',
      ends.toSorted(([a], [b]) => b! - a!).map(([low, high]) => `${signed(low!, 2)} … ${signed(high!, 2)}`),
    );
    // Only parameters that vary have a column.
    const heads = await texts('.grid-head [role=columnheader]');
    ok(heads.includes('d2_weight') && heads.includes('zscore_window_bins') && !heads.includes('zscore_min_periods'));
    await page.getByRole('button', { name: 'n', exact: true }).click();
    await page.getByLabel('Search runs').fill('d2_weight=0.5 tp/sl>1');
    const wanted = runs.filter((run) => run.eval_tp_ticks === 8 && run.signal_params_json.includes('"d2_weight":0.5'));
    const counts = wanted.map((run) => run.n_signals).sort((a, b) => b - a);
    await countsAre(counts);
    await page.reload();
    await page.waitForSelector('.grid-row');
    await countsAre(counts);
    await page.getByLabel('Search runs').fill('d3=1');
    await soon(async () => match((await texts('.shown'))[0]!, /There is no column in “d3=1”/));
  },
);

test(
  'the keyboard selects a run and its detail shows thresholds, trades, folds, states and the promote command',
  options,
  async () => {
    await open();
    const { runs } = await rest('sort=evidence&top_n=100');
    await page.getByRole('grid').focus();
    for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowUp', ' ']) await page.keyboard.press(key);
    const run = runs[1]!;
    await addressHas('run', run.run_id);
    await addressHas('mark', run.run_id);
    await page.getByText(`${run.n_signals} trades at`).waitFor();
    await soon(async () => {
      const words = (await texts('.detail'))[0]!;
      ok(words.includes(`${signed(run.mean_net_pnl_ticks! * run.n_signals, 1)} ticks net`), words);
    });
    await soon(async () =>
      equal(
        await page.locator('[aria-label="Table of thresholds"] tbody tr').count(),
        fixture.plan.thresholds.values.length,
      ),
    );
    await page.locator('[aria-label="Table of states"] tbody tr').first().waitFor();
    await soon(async () => ok((await texts('.serving code'))[0]?.includes(`--run-id ${run.run_id}`)));
    await page.locator('[aria-label="Table of thresholds"] button').first().click();
    await addressHas('at', String(fixture.plan.thresholds.values[0]));
    await fixture.publish(run.run_id, 'winner');
    await page.reload();
    equal(
      await page.getByRole('link', { name: 'Open stream' }).getAttribute('href'),
      '/vacuum-pressure.html?serving=winner',
    );
    await page.keyboard.press('Escape');
    await soon(async () => equal(await page.locator('.detail').count(), 0));
  },
);

test('a header sorts, downwards first where more is better, and again the other way', options, async () => {
  await open();
  const isSorted = (way: string) => page.locator(`.grid-head [aria-sort=${way}]`).waitFor();
  const { runs } = await rest('sort=evidence&top_n=100');
  const ascending = runs.map((run) => run.n_signals).sort((a, b) => a - b);
  const header = page.getByRole('button', { name: /^n( [↓↑])?$/ });
  await header.click();
  await isSorted('descending');
  await countsAre(ascending.toReversed());
  await header.click();
  await isSorted('ascending');
  await countsAre(ascending);
  await addressHas('sort', 'n_signals');
  // Of p values the smallest is the best.
  await page.getByRole('button', { name: 'p', exact: true }).click();
  await page.locator('.grid-head [aria-sort=ascending]', { hasText: /^p/ }).waitFor();
});

test('menus filter by name, show and hide columns; one button clears the filters', options, async () => {
  await open('?min_n=0');
  const shown = page.locator('.shown');
  await page.getByRole('button', { name: 'Signal', exact: false }).first().click();
  await page.getByRole('checkbox', { name: 'derivative' }).check();
  await page.getByRole('button', { name: 'Signal: 1' }).waitFor();
  await soon(async () => equal(await shown.textContent(), '12 of 12 runs'));
  await addressHas('signal', 'derivative');
  await page.keyboard.press('Escape');
  await page.getByLabel('above break-even').check();
  const { runs } = await rest('min_signals=0&sort=evidence&top_n=100');
  const above = runs.filter((run) => verdict(run) === 'above').length;
  await soon(async () => equal(await shown.textContent(), `${above} of 12 runs`));
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await soon(async () => equal(await shown.textContent(), '12 of 12 runs'));
  await soon(async () => equal(new URL(page.url()).search, '?min_n=0'));

  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('checkbox', { name: 'Edge' }).check();
  await page.getByRole('checkbox', { name: 'Dataset' }).uncheck();
  let heads: readonly string[] = [];
  await soon(async () => {
    heads = await texts('.grid-head [role=columnheader]');
    ok(heads.includes('Edge, points') && !heads.includes('Dataset'), heads.join(', '));
  });
  await page.reload();
  await page.waitForSelector('.grid-row');
  await soon(async () => deepEqual(await texts('.grid-head [role=columnheader]'), heads));
});

test('keys change view, mark runs, lead to the search and to the help', options, async () => {
  await open();
  await page.getByRole('grid').focus();
  for (const key of ['Home', 'm', 'ArrowDown', 'm']) await page.keyboard.press(key);
  const { runs } = await rest('sort=evidence&top_n=100');
  const marked = runs.slice(0, 2).map((run) => run.run_id);
  await addressHas('mark', ...marked);
  await page.keyboard.press('3');
  await page.locator('.compare').waitFor();
  await soon(async () =>
    deepEqual(
      await texts('.legend .link'),
      marked.map((id) => ` ${id.slice(0, 8)}`),
    ),
  );
  await page.getByRole('button', { name: `Leave out ${marked[0]!.slice(0, 8)}` }).click();
  await page.getByText('Nothing to compare yet').waitFor();
  await page.keyboard.press('2');
  await page.locator('.sweep').waitFor();
  await page.keyboard.press('1');
  await page.waitForSelector('.grid-row');
  await page.keyboard.press('/');
  await eventually(page, "document.activeElement?.matches('input')");
  // In a field, keys are text.
  await page.keyboard.type('2?');
  await soon(async () => equal(await page.getByLabel('Search runs').inputValue(), '2?'));
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
});

test('marked runs stand side by side with what differs', options, async () => {
  const { runs } = await rest('sort=evidence&top_n=100');
  const pair = ['"d2_weight":0,', '"d2_weight":1,'].map(
    (text) =>
      runs.find(
        (run) =>
          run.signal_params_json.includes(text) && run.signal_params_json.includes(':40') && run.eval_tp_ticks === 4,
      )!,
  );
  await open(`?view=compare&${pair.map((run) => `mark=${run.run_id}`).join('&')}`);
  await page.locator('.compare-plots .uplot').nth(2).waitFor();
  await soon(async () => {
    const rows = await texts('.compare-table tbody tr');
    ok(rows.includes('d2_weight01'), rows.join(' | '));
    ok(!rows.some((row) => row.startsWith('zscore_window_bins') || row.startsWith('TP ticks')));
  });
  await page.getByLabel('also what they have in common').check();
  await soon(async () => ok((await texts('.compare-table tbody tr')).some((row) => row.startsWith('TP ticks'))));
  await soon(async () => equal(await page.locator('.legend li').count(), 2));
});

test('a sweep shows how many trials it took, and a landscape whose cells are its runs', options, async () => {
  await open('?view=sweep&metric=n_signals&x=d2_weight&y=eval.tp_ticks&rest=best');
  await page.waitForSelector('.testing');
  await page.waitForSelector('.heat-table td');
  const { runs, sweeps } = await rest('sort=evidence&top_n=100');
  const [sweep] = sweeps;
  const { verdict: headline, n_tested: tested, n_survivors: survivors } = sweep!;
  const { sentence } = JSON.parse(sweep!.verdict_json!) as { sentence: string };
  await soon(async () =>
    match(
      (await texts('.testing'))[0]!.toLowerCase(),
      new RegExp(`${headline}sessions 1tested ${tested}survivors ${survivors}spa p`),
    ),
  );
  // The verdict comes first, then its reason with the sensitivity of the document, then the figures.
  await page.locator('.verdict', { hasText: 'could have shown' }).waitFor();
  const [title, reason] = await texts('.verdict > p');
  equal(title!.toLowerCase(), headline);
  ok(reason!.startsWith(`${sentence} 1 session could have shown `), reason!);
  ok(reason!.endsWith('Within these days: says nothing of others.'), reason!);
  const best = (tp: number, weight: string) =>
    Math.max(
      ...runs
        .filter((run) => run.eval_tp_ticks === tp && run.signal_params_json.includes(`"d2_weight":${weight},`))
        .map((run) => run.n_signals),
    );
  await soon(async () =>
    deepEqual(
      (await texts('.heat-table td')).map(Number),
      [4, 8].flatMap((tp) => ['0', '0.5', '1'].map((weight) => best(tp, weight))),
    ),
  );
  await page.locator('.heat-table td button').nth(5).click();
  await page.waitForSelector('.grid-row');
  await soon(async () => equal(await page.getByLabel('Search runs').inputValue(), 'd2_weight=1 eval_tp_ticks=8'));
  await soon(async () => equal(await page.locator('.grid-row').count(), 2));
});

test('a wide screen is used to its edge; a tile shows the landscape of its pair of axes', options, async () => {
  await page.setViewportSize({ width: 2560, height: 1440 });
  try {
    await open('?view=sweep&min_n=0&x=d2_weight&y=eval.tp_ticks');
    await page.waitForSelector('.pair-tiles button');
    const unused = () =>
      page.evaluate(() => {
        const right = (element: Element) => element.getBoundingClientRect().right;
        const rows = Map.groupBy(document.querySelectorAll('.sweep > *'), (one) => one.getBoundingClientRect().top);
        const edge = right(document.querySelector('.sweep')!);
        return [...rows.values()].map((row) => edge - Math.max(...row.map(right)));
      });
    await soon(async () => ok((await unused()).every((px) => px <= 20)));
    const shown = page.locator('.pair-tiles [aria-pressed=true]');
    await soon(async () => equal(await page.locator('.pair-tiles li').count(), 3));
    await soon(async () => match((await shown.textContent())!, /d2_weight by take-profit/));
    const tile = page.locator('.pair-tiles [aria-pressed=false]').last();
    const [across, down] = (await tile.textContent())!.split(' by ');
    await tile.click();
    await soon(async () => deepEqual(await texts('.heat-table caption'), [`${across} across, ${down} down`]));
    await soon(async () => match((await shown.textContent())!, new RegExp(`${across} by ${down}`)));
  } finally {
    await page.setViewportSize(viewport);
  }
});

test(
  'a brush on an axis filters the runs, here and in the table; an axis moves; cells go by keys',
  options,
  async () => {
    await open('?view=sweep&min_n=0');
    const status = page.locator('[aria-label="Parallel coordinates"] [role=status]');
    await soon(async () => equal(await status.textContent(), '12 of 12 runs pass the filters'));
    const name = page.getByRole('button', { name: /^d2_weight: / });
    await name.focus();
    await page.keyboard.press('ArrowUp');
    await page.getByText('8 of 12 runs pass the filters').waitFor();
    await addressHas('q', 'd2_weight>=0.5');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('4 of 12 runs pass the filters').waitFor();
    await addressHas('q', 'd2_weight=0.5');
    await page.keyboard.press('Delete');
    await page.getByText('12 of 12 runs pass the filters').waitFor();
    // The same with the pointer: from the middle of the axis to its top.
    await page.locator('.parallel').evaluate((element) => element.scrollIntoView({ block: 'end' }));
    const axis = (await name.boundingBox())!;
    const canvas = (await page.locator('.parallel canvas').boundingBox())!;
    const x = axis.x + axis.width / 2;
    await page.mouse.move(x, canvas.y + 190);
    await page.mouse.down();
    await page.mouse.move(x, canvas.y + 50);
    await page.mouse.up();
    await page.getByText('8 of 12 runs pass the filters').waitFor();
    await page.keyboard.press('1');
    await page.locator('.shown', { hasText: '8 of 12 runs' }).waitFor();
    await page.keyboard.press('2');
    const order = () => page.locator('.axis-name').allTextContents();
    await page.locator('.axis-name').nth(1).waitFor();
    const [first, second] = (await order()) as [string, string];
    await page.locator('.axis-name').first().focus();
    await page.keyboard.press('ArrowRight');
    await soon(async () => deepEqual((await order()).slice(0, 2), [second, first]));
    await soon(async () => equal(new URL(page.url()).searchParams.getAll('axis').length, 3));
    await page.locator('.heat-table td button').first().focus();
    await page.keyboard.press('ArrowRight');
    const cell = page.locator('.heat-table td button:focus');
    await soon(async () => ok((await texts('.heat-legend .readout'))[0]!.includes(await cell.innerText())));
    await page.keyboard.press('Enter');
    await page.waitForSelector('.grid-row');
  },
);

test('axe finds nothing serious in any view, dark or light', options, async () => {
  const { runs } = await rest('sort=mean_net_pnl_ticks&top_n=2');
  const marks = runs.map((run) => `mark=${run.run_id}`).join('&');
  for (const query of [`?run=${runs[0]!.run_id}`, '?view=sweep', `?view=compare&${marks}`]) {
    await open(query);
    await addAxe(page);
    for (const theme of ['Light', 'Dark']) {
      await page.getByRole('button', { name: theme, exact: true }).click();
      // What a theme changes is colours; the rest is looked at once.
      const found = await page.evaluate(async (isFirst) => {
        const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
        const { violations } = await axe.run(document, {
          resultTypes: ['violations'],
          ...(isFirst ? {} : { runOnly: ['color-contrast'] }),
        });
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' ')}`);
      }, theme === 'Light');
      deepEqual(found, [], `${query} ${theme}`);
    }
  }
});

test('a sweep that runs is seen to grow, and a server that goes away is said to be', options, async () => {
  await open('?min_n=0');
  await page.getByText('12 of 12 runs').waitFor();
  await fixture.sweep({ experimentName: 'more', tpTicks: [4], cooldownBins: [9] });
  await page.getByText('18 of 18 runs').waitFor();
  // The statistics of the whole sweep come after its runs.
  await page.locator('.testing li', { hasText: 'more' }).getByText('PBO').waitFor();
  // Its trials are of the family of the experiment before, which is judged anew.
  await page.getByText('108 thresholds tested').waitFor();
  await page.locator('.testing li:first-child', { hasText: 'fixture' }).waitFor();
  const held = async () => [await texts('.grid-row'), await texts('.testing')];
  const grown = await held();
  await page.reload();
  await page.getByText('18 of 18 runs').waitFor();
  await soon(async () => deepEqual(await held(), grown));
  const { port } = new URL(server.address);
  await server.close();
  await page.getByText('Not connected').waitFor();
  await page.getByLabel('n at least').fill('3');
  await page.getByLabel('n at least').blur();
  await page.getByText('The server does not answer.').waitFor();
  server = await serve(Number(port));
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Live', { exact: true }).waitFor();
  await soon(async () => equal(await page.getByRole('alert').count(), 0));
});

test('of thousands of runs only those in view are elements, down to the last', options, async () => {
  const { runs, ...others } = await rest('min_signals=0&top_n=100');
  const indices = Array.from({ length: 10_000 }, (_, index) => index);
  const columns = Object.fromEntries(
    tableFields.map((field) => [field, indices.map((index) => runs[index % runs.length]![field])]),
  );
  columns.run_id = indices.map((index) => index.toString(16).padStart(32, '0'));
  columns.n_signals = indices;
  const answer: TableResponse = {
    ...others,
    cursor: 'made.1',
    is_whole: true,
    columns,
    removed: [],
    served: {},
    family: { runs: 10_000, tests: 10_000 },
    sweeps: [],
  };
  const body = JSON.stringify(answer);
  await page.route('**/v1/experiments/table?*', (route) => route.fulfill({ body, contentType: 'application/json' }));
  await open('?sort=n_signals');
  await page.getByText('10 000 of 10 000 runs').waitFor();
  await soon(async () => deepEqual((await column('n')).slice(0, 3), ['0', '1', '2']));
  await page.getByRole('grid').evaluate((grid) => {
    grid.scrollTop = 140_000;
  });
  await page.locator('.grid-row', { hasText: '5 003' }).waitFor();
  await page.getByRole('grid').focus();
  await page.keyboard.press('End');
  await page.locator('.grid-row[aria-selected=true]', { hasText: '9 999' }).waitFor();
  await soon(async () => ok((await page.locator('.grid-row').count()) < 60));
  await page.unroute('**/v1/experiments/table?*');
});
