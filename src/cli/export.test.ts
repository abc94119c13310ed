import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mboMetadata } from '../../test/helpers/mbo_metadata.ts';
import { type CaseEvent, recordsOf } from '../../test/helpers/queue_cases.ts';
import { runCommand } from '../../test/helpers/run_command.ts';
import { batchOf } from '../../test/oracle/mbo.ts';
import { encodeMetadata } from '../dbn/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-export-'));
after(() => rmSync(folder, { recursive: true }));

const startNs = 1_770_388_200_000_000_000n;
const events: readonly CaseEvent[] = [
  [1, 'A 1 B 99 5', 'A 2 A 101 5'],
  [20, 'T 9 A 99 2', 'F 1 B 99 2', 'M 1 B 99 5'],
  [30, 'C 8 A 101 5', 'F 7 A 101 1'],
];
const session = join(folder, 'session.dbn');
const records = recordsOf(events).map((record) => ({
  ...{ ...record, tsEvent: startNs + record.tsEvent, tsRecv: startNs + record.tsRecv + 5n },
}));
writeFileSync(session, Buffer.concat([encodeMetadata(mboMetadata('ESH6', 1)), batchOf(records).bytes]));

test('export hftbacktest writes an .npz and says what it left out', async () => {
  const out = join(folder, 'es.npz');
  const { code, out: printed, err } = await runCommand('export', 'hftbacktest', session, '--out', out, '--json');
  equal(code, 0, printed + err);
  const { path, ...told } = JSON.parse(printed) as Record<string, unknown>;
  equal(path, out);
  deepEqual(told, {
    ...{ symbol: 'ESH6', records: 7, executions: 1, front_share: 1, match_algorithm: null, losses: 0, rows: 6 },
    ...{ own_executions: 0, unknown_executions: 1, empty_executions: 0, unknown_modifies: 0, unknown_cancels: 1 },
    ...{ replaced: 1, partial_cancels: 0 },
  });
  const bytes = readFileSync(out);
  match(bytes.toString('latin1'), /data\.npy.*'shape': \(6,\)/s);
  const text = await runCommand('export', 'hftbacktest', session, '--out', out, '--force');
  match(text.out, /Wrote 6 rows of ESH6 to .*es\.npz\.\n.*1 execution of an unknown order/s);
  deepEqual(readFileSync(out), bytes, 'the same file gives the same bytes');
});

test('export refuses another ending and a file that is there, and leaves nothing of what failed', async () => {
  const run = (...args: string[]) => runCommand('export', 'hftbacktest', ...args);
  const wrong = await run(session, '--out', join(folder, 'es.npy'));
  equal(wrong.code, 2);
  match(wrong.err, /give a name that ends in \.npz/);
  const taken = join(folder, 'taken.npz');
  writeFileSync(taken, 'x');
  const refused = await run(session, '--out', taken);
  equal(refused.code, 1);
  match(refused.err, /it is there already/);
  const cut = join(folder, 'cut.dbn');
  const whole = readFileSync(session);
  writeFileSync(cut, whole.subarray(0, whole.length - 20));
  const torn = await run(cut, '--out', join(folder, 'cut.npz'));
  equal(torn.code, 1);
  match(torn.err, /cut\.dbn/);
  ok(!existsSync(join(folder, 'cut.npz')));
});
