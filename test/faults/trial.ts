import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { examineLake } from '../../src/doctor/index.ts';
import { temporaryPrefix } from '../../src/files/index.ts';
import { Lake, ResultsStore } from '../../src/lake/index.ts';
import { pick } from '../helpers/seeded.ts';
import { timelessRuns } from '../helpers/stored_rows.ts';
import { binary, env, type Template, type WritingCommand } from './commands.ts';

import { type Ended, runAndKill } from './kill.ts';

/** What is in a trial's folder: a digest by unit, which is a file, or a folder that appears whole or not at all. */
type Units = ReadonlyMap<string, string>;

/** Folders that are units. */
const folders = [
  /^lake\/research\/vp_immutable\/[^/]+/,
  /^lake\/research\/vp_published\/(?:faults\/)?[^/]+/,
  /^out\/(?:frames|bundle)/,
];
/** Files with times or random names in them, which `examineLake` and the results' own check look after. */
const changing = [
  /^lake\/research\/vp_harness\/(?:results|ledger|running|campaigns|analysis)\//,
  /^lake\/research\/vp_harness\/configs\/serving_versions\//,
  /serving_registry\.sqlite/,
  /^lake\/cache\//,
];

/** A command with the folder that it starts from, and what it gives undisturbed. */
export class Trials {
  readonly name: string;
  readonly reference: Ended;
  readonly #template: Template;
  readonly #command: WritingCommand;
  readonly #before: Units;
  readonly #after: Units;
  readonly #results: readonly string[];

  private constructor(
    ...[name, template, command, before, after, reference, results]: [
      string,
      Template,
      WritingCommand,
      Units,
      Units,
      Ended,
      readonly string[],
    ]
  ) {
    this.name = name;
    this.reference = reference;
    this.#template = template;
    this.#command = command;
    this.#before = before;
    this.#after = after;
    this.#results = results;
  }

  /** Runs the command undisturbed in `folder`. */
  static async of(name: string, template: Template, command: WritingCommand, folder: string): Promise<Trials> {
    copy(template, folder);
    const before = unitsOf(folder);
    const reference = await runAndKill([binary, ...command(folder, template)], env);
    equal(reference.code, 0, `${name}: ${reference.output}`);
    const trials = [name, template, command, before, unitsOf(folder), reference, await resultsOf(folder)] as const;
    rmSync(folder, { recursive: true });
    return new Trials(...trials);
  }

  /** Words of the command in a fresh copy of the template. */
  fresh(folder: string): readonly string[] {
    copy(this.#template, folder);
    return this.words(folder);
  }

  words(folder: string): readonly string[] {
    return [binary, ...this.#command(folder, this.#template)];
  }

  /** Everything is as it was or as it is undisturbed; when the command succeeded, all of it is as undisturbed. */
  async check(folder: string, { code, output }: Pick<Ended, 'code' | 'output'>): Promise<void> {
    const said = `${this.name}, exit code ${code}: ${output}`;
    const now = unitsOf(folder);
    if (code === 0) deepEqual(now, this.#after, said);
    for (const [unit, digest] of now) {
      ok(digest === this.#before.get(unit) || digest === this.#after.get(unit), `${unit} is not whole; ${said}`);
    }
    for (const unit of this.#before.keys()) ok(now.has(unit) || !this.#after.has(unit), `${unit} is gone; ${said}`);
    const findings = await examineLake(new Lake(join(folder, 'lake')), {
      signal: new AbortController().signal,
      onLook: () => {},
    });
    for (const { state, check, found } of findings) {
      if (check === 'free space') continue;
      ok(state !== 'failure' && (state === 'ok' || check !== 'book checkpoints'), `${check}: ${found}; ${said}`);
    }
    const results = await resultsOf(folder);
    const wanted = new Set(this.#results);
    for (const row of results) ok(wanted.has(row), `a result that an undisturbed run does not give; ${said}`);
    equal(new Set(results).size, results.length, `a result is there twice; ${said}`);
    if (code === 0) equal(results.length, wanted.size, said);
  }
}

/** The commands that write, each of them run undisturbed when it is first picked: a short run picks few. */
export class AllTrials {
  readonly #template: Template;
  readonly #commands: readonly (readonly [string, WritingCommand])[];
  readonly #folder: string;
  readonly #prepared = new Map<string, Trials>();

  /** `folder` is where they run undisturbed. */
  constructor(template: Template, commands: Readonly<Record<string, WritingCommand>>, folder: string) {
    this.#template = template;
    this.#commands = Object.entries(commands);
    this.#folder = folder;
  }

  async pick(random: () => number): Promise<Trials> {
    const [name, command] = pick(random, this.#commands);
    const trials = this.#prepared.get(name) ?? (await Trials.of(name, this.#template, command, this.#folder));
    this.#prepared.set(name, trials);
    return trials;
  }
}

/** A command that failed said so in a sentence, and did not call it a defect. */
export function assertSentence(name: string, { code, output }: Pick<Ended, 'code' | 'output'>): void {
  equal(code, 1, `${name}, exit code ${code}: ${output}`);
  match(output, /[.:] [^\n]*\.\n/, name);
  equal(/defect of Spymaster|^ {4}at /m.test(output), false, `${name}: ${output}`);
}

function copy({ folder }: Template, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(folder)) {
    if (name === 'session.dbn.zst') continue;
    cpSync(join(folder, name), join(to, name), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
}

function unitsOf(folder: string): Units {
  const files = new Map<string, string[]>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (!entry.isFile() || path.includes(temporaryPrefix) || changing.some((pattern) => pattern.test(path))) continue;
    const unit = folders.map((pattern) => pattern.exec(path)?.[0]).find((found) => found !== undefined) ?? path;
    files.set(unit, [...(files.get(unit) ?? []), path]);
  }
  const digest = (paths: readonly string[]) => {
    const hash = createHash('sha256');
    for (const path of paths.toSorted()) hash.update(`${path}\n`).update(readFileSync(join(folder, path)));
    return hash.digest('hex');
  };
  return new Map([...files].map(([unit, paths]) => [unit, digest(paths)]));
}

/** Every result as one text, the times of its making aside. */
async function resultsOf(folder: string): Promise<string[]> {
  using store = await ResultsStore.open(new Lake(join(folder, 'lake')));
  return (await timelessRuns(store)).map((row) => JSON.stringify(row));
}
