import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { type RunReport, runTarget } from './run_target.ts';
import { limitsMs, targetNames } from './targets.ts';

const usage = `npm run test:fuzz -- [target…] [--seconds N] [--seed N] [--input FILE]

Gives readers of files, text and requests inputs that were sound before a few changes. An input may end in a value or in one
of the product's own errors; any other error, more than 2 s (10 s with a server), or memory without bounds fails, and the input is kept.

  --seconds N    about that long in all, shared by the targets (60)
  --seed N       repeat a run, whose seed is printed
  --input FILE   read one input, of the one target given

targets: ${targetNames.join(', ')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    input: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const seed = Number(values.seed ?? Date.now() % 1e6);

async function main(): Promise<void> {
  const unknown = positionals.filter((name) => !targetNames.includes(name));
  if (unknown.length > 0) throw new Error(`There is no target ${unknown.join(', ')}: ${targetNames.join(', ')}`);
  if (values.input !== undefined && positionals.length !== 1) throw new Error('--input goes with one target');
  const inputs = values.input === undefined ? null : [new Uint8Array(readFileSync(values.input))];
  const chosen = targetNames.filter((name) => positionals.length === 0 || positionals.includes(name));
  const startMs = Date.now();
  const endMs = startMs + Number(values.seconds) * 1000;
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-fuzz-'));
  let failures = 0;
  console.log(`seed ${seed}, ${chosen.length} targets`);
  for (const [i, name] of chosen.entries()) {
    const fromMs = Date.now();
    const report = await runTarget({
      module: `${name}.ts`,
      corpusFolder: join(import.meta.dirname, 'corpus', name),
      folder: join(folder, 'work', name),
      seed,
      endMs: fromMs + (endMs - fromMs) / (chosen.length - i),
      inputs,
      limitMs: limitsMs[name] ?? 2000,
    });
    console.log(summary(name, report, Date.now() - fromMs));
    if (report.failure === null) continue;
    failures++;
    tell(name, report.failure, join(folder, `${name}-${seed}.input`));
  }
  console.log(`test:fuzz took ${((Date.now() - startMs) / 1000).toFixed(0)} s, seed ${seed}`);
  rmSync(failures === 0 ? folder : join(folder, 'work'), { recursive: true, force: true });
  if (failures === 0) return;
  console.error(`test:fuzz failed; repeat it with --seed ${seed}`);
  process.exitCode = 1;
}

/** A line such as `dbn: 41,200 inputs, 4,120/s: 20,100 read, 21,100 DBN_CORRUPT`, the commonest outcome first. */
function summary(name: string, { inputs, outcomes }: RunReport, tookMs: number): string {
  const count = (n: number) => Math.round(n).toLocaleString('en-US');
  const ends = Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, n]) => `${count(n)} ${outcome}`);
  return `${name}: ${count(inputs)} inputs, ${count((inputs / tookMs) * 1000)}/s: ${ends.join(', ') || 'none ended'}`;
}

/** Keeps the input that failed and says how to repeat it. */
function tell(name: string, { why, input }: NonNullable<RunReport['failure']>, path: string): void {
  console.error(`\n${name} FAILED: ${shortened(why)}`);
  if (input === null) return;
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, input);
  const corpus = relative(process.cwd(), join(import.meta.dirname, 'corpus', name));
  console.error(
    `The input (${input.length} bytes) is ${path}\n` +
      `  repeat it:  npm run test:fuzz -- ${name} --input ${path}\n` +
      (input.length > 3000 ? '' : `  as base64:  ${Buffer.from(input).toString('base64')}\n`) +
      `Once it ends as it should, keep it in ${corpus}/.\n`,
  );
}

/** An error's first lines and its last ones, where it happened. */
function shortened(why: string): string {
  const lines = why.split('\n');
  return lines.length <= 40 ? why : [...lines.slice(0, 20), '…', ...lines.slice(-15)].join('\n');
}

if (values.help) console.log(usage);
else await main();
