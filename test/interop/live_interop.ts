import { deepEqual, equal, match } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayOptions, LiveSessionOptions, LiveSubscription } from '../../src/databento/live/index.ts';
import { layouts } from '../../src/dbn/index.ts';
import { openRecords } from '../../src/files/index.ts';
import { liveKey, mboOf, quickGateway, receive, sessionOptions } from '../helpers/live_client.ts';
import { sessionFiles, sharedPath } from '../helpers/shared.ts';
import { smallSession } from '../helpers/small_session.ts';
import { compareWithMock } from './live_mock.ts';

/*
 * Compares the live client and the gateway with the vendor's: `npm run test:interop -- live`. The argument is a python3 that has
 * the package databento. Its live client receives from our gateway, and ours from the mock server of its repository,
 * where that can be fetched.
 */
const python = process.argv[2] ?? 'python3';
const folder = mkdtempSync(join(tmpdir(), 'spymaster-live-interop-'));

/** A record: its name and its fields under DBN's names, 64-bit integers and characters as decimal text. */
type Fields = readonly [string, Readonly<Record<string, string | null>>];

interface Received {
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly records: readonly Fields[];
  readonly error: string | null;
  readonly symbology_map: Readonly<Record<string, string>>;
}

const vendorNames: Readonly<Record<string, string>> = {
  mbo: 'MBOMsg',
  systemV2: 'SystemMsg',
  errorV2: 'ErrorMsg',
  symbolMappingV2: 'SymbolMappingMsg',
};
/** Fields that the vendor's objects do not show. */
const hidden = new Set(['length', 'stype_out', 'is_last']);

/** What our client receives, in the vendor's names. */
async function ours(options: LiveSessionOptions): Promise<Fields[]> {
  const { records, error } = await receive(options);
  match(String(error), /closed the connection|ended the session|no further session/);
  return records.map((record) => {
    if (record.layout === 'unknown') throw new Error(`A record of the unknown type ${record.rtype}`);
    const values = record as unknown as Record<string, number | bigint | string>;
    const fields: Record<string, string> = {};
    for (const { name, dbnName, type } of layouts[record.layout].fields) {
      const value = values[name];
      if (hidden.has(dbnName)) continue;
      fields[dbnName] = String(type === 'char' ? String(value).charCodeAt(0) : value);
    }
    if (record.tsOut !== undefined) fields.ts_out = String(record.tsOut);
    return [vendorNames[record.layout] ?? record.layout, fields];
  });
}

/** What the vendor's client receives, session by session; `ports` are those of their gateways. */
async function theirs(sessions: readonly Scenario[], ports: readonly number[]): Promise<Received[]> {
  const asked = sessions.map(({ tsOut = false, compression = 'none', subscriptions, key = liveKey }, index) => ({
    ...{ port: ports[index], key, dataset: 'GLBX.MDP3', ts_out: tsOut, compression },
    subscriptions: subscriptions.map(({ schema, stypeIn, symbols, snapshot, startNs }) => ({
      ...{ schema, stype_in: stypeIn, symbols, snapshot: snapshot === true },
      ...(startNs !== undefined && { start: Number(startNs) }),
    })),
  }));
  const child = spawn(python, [join(import.meta.dirname, 'live_interop.py'), JSON.stringify(asked)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const parts: Buffer[] = [];
  let said = '';
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${python} failed: ${said}`);
  const lines = Buffer.concat(parts).toString().trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Received);
}

interface Scenario {
  readonly name: string;
  readonly file: string;
  readonly subscriptions: readonly LiveSubscription[];
  readonly tsOut?: boolean;
  readonly compression?: 'none' | 'zstd';
  readonly gateway?: Partial<GatewayOptions>;
  readonly key?: string;
  /** How the vendor's client ends, where not in order. */
  readonly error?: RegExp;
}

const small = join(folder, 'small.dbn');
writeFileSync(small, smallSession(900));
const startNs = 1_770_387_960_000_000_000n;
const secondNs = 1_000_000_000n;
const at70s = { fromNs: startNs + 70n * secondNs };
const silent = join(folder, 'silent.dbn');
const late = smallSession(2);
// The last record is 21 s late.
for (const field of [8, 40])
  Buffer.from(late.buffer).writeBigUInt64LE(startNs + 21n * secondNs, late.length - 56 + field);
writeFileSync(silent, late);

const scenarios: readonly Scenario[] = [
  { name: 'all of a session', file: small, subscriptions: [mboOf()] },
  { name: 'zstd and ts_out', file: small, subscriptions: [mboOf()], compression: 'zstd', tsOut: true },
  { name: 'a replay', file: small, subscriptions: [mboOf({ startNs: startNs + 30n * secondNs })], gateway: at70s },
  { name: 'all there is', file: small, subscriptions: [mboOf({ startNs: 0n })], gateway: at70s, tsOut: true },
  { name: 'a snapshot', file: small, subscriptions: [mboOf({ snapshot: true })], gateway: at70s },
  { name: 'a continuous symbol', file: small, subscriptions: [mboOf({ stypeIn: 'continuous', symbols: ['MNQ.c.0'] })] },
  {
    name: 'an id, and definitions',
    file: small,
    subscriptions: [mboOf({ stypeIn: 'instrument_id', symbols: ['7'] }), mboOf({ schema: 'definition' })],
  },
  {
    name: 'more symbols than a line has',
    file: small,
    subscriptions: [mboOf({ symbols: [...Array.from({ length: 600 }, (_, index) => `X${index}`), 'MNQH6'] })],
    error: /Cannot resolve the symbol X599/,
  },
  { name: 'small parts', file: small, subscriptions: [mboOf()], gateway: { faults: [{ splitBytes: 41 }] } },
  { name: 'heartbeats', file: silent, subscriptions: [mboOf()] },
  ...([3, 6, 8] as const).map((code) => ({
    name: `error code ${code}`,
    file: small,
    subscriptions: [mboOf()],
    gateway: { faults: [{ at: [{ after: 100, do: 'error', code } as const] }] },
    error: new RegExp(`Error ${code} on purpose`),
  })),
  ...(await Promise.all(
    sessionFiles.map(async (name) => {
      const file = sharedPath('data', name);
      await using source = await openRecords(file);
      return { name, file, subscriptions: [mboOf({ symbols: source.metadata.symbols })] };
    }),
  )),
];

const refused: Scenario = {
  ...{ name: 'another key', file: small, subscriptions: [mboOf()], key: 'db-another-key-of-32-characters-' },
  error: /Authentication failed/,
};

let compared = 0;
try {
  // At full speed, the market stands where the session before has left it: each session has a gateway of its own.
  await using gateways = new AsyncDisposableStack();
  const all = [...scenarios, refused];
  const ports: number[] = [];
  for (const { file, gateway } of all) ports.push(gateways.use(await quickGateway([file], gateway)).port);
  const received = await theirs(all, ports);
  match(received.at(-1)?.error ?? '', refused.error ?? /$/, 'another key');
  for (const [index, scenario] of scenarios.entries()) {
    const { name, file, subscriptions, tsOut = false, compression = 'none' } = scenario;
    const {
      records,
      metadata,
      error,
      symbology_map: names,
    } = received[index] ?? ({ records: [], metadata: null, error: null, symbology_map: {} } satisfies Received);
    if (scenario.error === undefined) equal(error, null, name);
    else match(error ?? '', scenario.error, name);
    deepEqual([metadata?.schema, metadata?.stype_in, metadata?.symbols, metadata?.mappings], [null, null, [], 0]);
    equal(metadata?.ts_out, tsOut);
    equal(Object.keys(names).length, 1, name);
    await using gateway = await quickGateway([file], scenario.gateway);
    const asked = { subscriptions, tsOut, compression, heartbeatS: 5 };
    const mine = await ours(sessionOptions(gateway.port, asked));
    equal(records.length, mine.length, `${name}: records`);
    for (const [at, record] of mine.entries()) deepEqual(withoutIds(record), withoutIds(records[at]), name);
    compared += mine.length;
    console.log(`${name}: ${mine.length} records`);
  }
  console.log(`The vendor's client and ours receive the same from the gateway: ${compared} records, field by field.`);
  await compareWithMock(python, folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The record, but for the number of a subscription in its text, which each client counts from elsewhere. */
function withoutIds(record: Fields | undefined): unknown {
  return record?.[1].msg === undefined
    ? record
    : [record[0], { ...record[1], msg: record[1].msg?.replace(/ \d+ /, ' ') }];
}
