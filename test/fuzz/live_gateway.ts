import { ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { challengeAnswer } from '../../src/databento/live/protocol.ts';
import { decodeDbn } from '../../src/dbn/index.ts';
import { SpymasterError } from '../../src/errors.ts';
import { liveKey, quickGateway } from '../helpers/live_client.ts';
import { pick } from '../helpers/seeded.ts';
import { smallSession } from '../helpers/small_session.ts';
import { changeCount, mutateBytes } from './mutate.ts';
import { withToken } from './mutate_json.ts';
import type { Random, Target } from './target.ts';

/** Stands for the right answer to the challenge. */
const answer = '@';
/** A session that is still open by then is ended. */
const patienceMs = 30;

const auth = `auth=${answer}|dataset=GLBX.MDP3|encoding=dbn|compression=none|ts_out=0|client=x|heartbeat_interval_s=5|slow_reader_behavior=warn\n`;
const mbo = 'schema=mbo|stype_in=raw_symbol|symbols=MNQH6|snapshot=0|is_last=1|id=1';
const seeds = [
  `${auth}${mbo}\nstart_session\n`,
  `${auth}${mbo}|start=0\nschema=definition|stype_in=parent|symbols=MNQ.FUT\nstart_session=0\n`,
  `${auth.replace('ts_out=0', 'ts_out=1')}schema=mbo|stype_in=continuous|symbols=MNQ.c.0,X|snapshot=1\nstart_session\n`,
  `${auth}schema=mbo|stype_in=instrument_id|symbols=7,8|start=2026-02-06T14:26:10Z\nstart_session\n${mbo}\n`,
  `${auth.replace('=none', '=zstd')}schema=trades|stype_in=raw_symbol|symbols=ALL_SYMBOLS\nstart_session\n`,
];
const tokens: readonly string[] = [
  ...[
    '|',
    '=',
    '\n',
    '\r\n',
    ',',
    ' ',
    '||',
    '==',
    '\0',
    '\xff',
    '-',
    '@',
    '.c.',
    '.FUT',
    '.c.-1',
    '.c.99999999999',
    'ALL_SYMBOLS',
  ],
  ...[
    '0',
    '1',
    '-1',
    '4',
    '5',
    '1800',
    '1801',
    '1e3',
    'NaN',
    '18446744073709551615',
    '99999999999999999999',
    '9'.repeat(40),
  ],
  ...[
    'start=',
    'snapshot=1',
    'is_last=0',
    'ts_out=1',
    'compression=zstd',
    'start_session',
    'stype_in=isin',
    'schema=bbo-1m',
  ],
  ...[
    '2026-02-06',
    '2026-02-06T14:26:00.123456789+05:30',
    '-271821-04-20T00:00Z',
    '+275760-09-13T00:00Z',
    'auth=x',
    mbo,
    auth,
  ],
  'A,'.repeat(600),
  'x'.repeat(2000),
];

/** Lines of a client to the gateway: each is answered, refused or ignored, and the gateway serves the next client. */
export async function makeTarget(kept: readonly Uint8Array[], folder: string): Promise<Target> {
  const path = join(folder, 'session.dbn');
  writeFileSync(path, smallSession(50));
  const failures: string[] = [];
  const onEvent = (text: string): unknown => text.includes(' fails: ') && failures.push(text);
  const gateway = await quickGateway([path], { onEvent, maxSessions: 1000 });
  const corpus = [...seeds, ...kept.map((bytes) => new TextDecoder('latin1').decode(bytes))];
  return {
    corpus: corpus.map((lines) => Buffer.from(lines, 'latin1')),
    codes: ['DBN_TRUNCATED'],
    mutate: (random) => Buffer.from(mutate(random, corpus), 'latin1'),
    read: async (input) => {
      const ended = await converse(gateway.port, Buffer.from(input).toString('latin1'));
      ok(failures.length === 0, failures.join(', '));
      return ended;
    },
    close: () => gateway.close(),
  };
}

function mutate(random: Random, corpus: readonly string[]): string {
  let lines = pick(random, corpus);
  for (let left = changeCount(random); left > 0; left--) {
    const how = random();
    if (how < 0.5) lines = withToken(random, lines, tokens);
    else if (how < 0.8) lines = lines.replace(/=[^|\n]*/, () => `=${pick(random, tokens)}`);
    else lines = Buffer.from(mutateBytes(random, [Buffer.from(lines, 'latin1')])).toString('latin1');
  }
  return lines;
}

/** Says the lines, and judges the answer: lines, then a DBN stream. */
function converse(port: number, lines: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1');
  const parts: Buffer[] = [];
  let isAsked = false;
  let timer: NodeJS.Timeout | undefined;
  socket.on('data', (part: Buffer) => {
    parts.push(part);
    const challenge = isAsked ? undefined : /cram=(.*)\n/.exec(Buffer.concat(parts).toString('latin1'))?.[1];
    if (challenge === undefined) return;
    isAsked = true;
    socket.write(Buffer.from(lines.replaceAll(answer, challengeAnswer(challenge, liveKey)), 'latin1'));
    timer = setTimeout(() => socket.destroy(), patienceMs);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    clearTimeout(timer);
    try {
      resolve(judge(Buffer.concat(parts)));
    } catch (error) {
      reject(error);
    }
  });
  return promise;
}

function judge(all: Buffer): string {
  const text = all.toString('latin1');
  const said = /^lsg_version=[\d.]+\ncram=[0-9a-f]+\n(?:success=(0|1)\|(?:session_id|error)=[^\n]*\n)?/.exec(text);
  ok(said !== null, `the answer begins as the protocol says: ${text.slice(0, 200)}`);
  const stream = new Uint8Array(all.subarray(said[0].length));
  if (said[1] !== '1' || stream.length === 0) return said[1] === undefined ? 'no answer' : `success ${said[1]}`;
  if (stream[0] === 0x28) return 'zstd';
  if (text.slice(said[0].length).startsWith('success=0')) return 'refused later';
  try {
    let records = 0;
    for (const { count } of decodeDbn(stream).batches) records += count;
    return records > 50 ? 'records' : 'messages';
  } catch (error) {
    if (error instanceof SpymasterError && error.code === 'DBN_TRUNCATED') return 'cut';
    throw error;
  }
}
