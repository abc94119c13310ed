import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decodeMetadata, encodeMetadata } from '../src/dbn/index.ts';
import { missingShared, sharedFolder } from './golden.ts';
import { queryRows } from './query_rows.ts';
import { type CommandResult, runCommand } from './run_command.ts';

// Small inputs that went wrong once, with the values that are right; `../shared/cases/README.md` says why.

const folder = mkdtempSync(join(tmpdir(), 'spymaster-cases-'));
after(() => rmSync(folder, { recursive: true }));
const caseFile = (...path: string[]) => join(sharedFolder, 'cases', ...path);
const skip = { skip: missingShared };
let runs = 0;

/** What a replay of a case wrote; it must end well. */
async function replayed(file: string, config: string) {
  const out = join(folder, `replay_${runs++}`);
  const result = await runCommand('replay', caseFile(file), '--config', config, '--out', out, '--json');
  equal(result.code, 0, result.err);
  const report = JSON.parse(result.out) as { counters: Record<string, number>; anomalies: string[]; events: number };
  const columns = ['bin_start_ns', 'event_id', 'best_bid_price_int', 'best_ask_price_int', 'book_valid'] as const;
  const rows = await queryRows(`SELECT ${columns.join()} FROM '${join(out, 'bins.parquet')}' ORDER BY bin_seq`);
  const bins = rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  return { ...report, bins };
}

async function refused(file: string, config: string): Promise<CommandResult> {
  const result = await runCommand('replay', caseFile(file), '--config', config, '--out', join(folder, 'none'));
  equal(result.code, 1, result.out);
  return result;
}

test('symbols that fill their field without a zero are read and written back to the byte', skip, async () => {
  for (const name of ['in.dbn', 'v1_sym22.dbn']) {
    const bytes = readFileSync(caseFile('sym71', name));
    const metadata = encodeMetadata(decodeMetadata(bytes));
    deepEqual(Buffer.from(metadata), bytes.subarray(0, metadata.length), name);
    equal((await runCommand('dbn', 'verify', caseFile('sym71', name))).code, 0, name);
  }
  match((await runCommand('inspect', caseFile('sym71', 'in.dbn'))).out, new RegExp(`\\b${'L'.repeat(71)}\\b`));
  await replayed('sym71/in.dbn', caseFile('sym71', 'c.json'));
});

test('20:00 of a futures session is the evening before its date', skip, async () => {
  const { bins } = await replayed('evening_session/in.dbn', caseFile('evening_session', 'c06.json'));
  equal(bins[0]?.bin_start_ns, 1_770_339_600_000_000_000n);
  const { err } = await refused('evening_session/in.dbn', caseFile('evening_session', 'c05.json'));
  match(err, /^Error \[DATE_OUTSIDE_FILE\]: .*2026-02-05T01:00:00Z/);
});
