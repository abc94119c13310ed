import { readFileSync } from 'node:fs';
import {
  checkedName,
  formatPublishedServing,
  nearest,
  type PublishedServingSpec,
  parsePublishedServing,
  readPublishedServing,
  sha256Hex,
} from '../config/index.ts';
import { notNull, SpymasterError } from '../errors.ts';
import { SqliteFile, writeFileAtomicSync } from '../files/index.ts';
import { parseDayStreamName } from '../wire/index.ts';
import type { Lake } from './lake.ts';
import { registrySchema } from './registry_schema.ts';

/** A published version as the registry knows it. */
export interface ServingVersion {
  readonly servingId: string;
  /** Path of its spec, relative to the lake. */
  readonly path: string;
  readonly sha256: string;
  readonly createdAtUtc: string;
  readonly runId: string;
  readonly configHash: string;
  readonly experimentName: string;
  readonly signalName: string;
  readonly description: string;
  /** Aliases that point at it now. */
  readonly aliases: readonly string[];
}

/** One entry of the audit trail of an alias. */
export interface ServingEvent {
  readonly atUtc: string;
  readonly action: 'publish' | 'promote' | 'rollback';
  readonly alias: string | null;
  readonly fromServingId: string | null;
  readonly toServingId: string;
  /** As it was given with the change. */
  readonly reason?: string;
}

/** Wall clock, ISO 8601 in UTC, for the times of the history. */
export type Clock = () => string;

/** What an alias or id stands for, its file read and verified. */
export interface ResolvedServing {
  readonly servingId: string;
  /** The name that was asked for. */
  readonly servingName: string;
  readonly spec: PublishedServingSpec;
}

const versionColumns = `
  serving_id AS servingId, path, sha256, created_at_utc AS createdAtUtc, run_id AS runId, config_hash AS configHash,
  experiment_name AS experimentName, signal_name AS signalName, description`;

/** Made with the first reason, so that releases without it read and write the same registry. */
const reasonsTable = `
  CREATE TABLE IF NOT EXISTS event_reasons (event_id INTEGER PRIMARY KEY REFERENCES events, reason TEXT NOT NULL) STRICT`;

/**
 * Which serving versions exist and which alias points at which (product.md, "Data lake"). Every change is one durable
 * transaction together with its audit event; any number of processes may use one registry at once.
 *
 * Methods throw REGISTRY_CORRUPT when the file is no registry of ours, LAKE_NOT_WRITABLE when it cannot be written.
 */
export class ServingRegistry {
  readonly #lake: Lake;
  readonly #database: SqliteFile;

  /** Opens the lake's registry and makes it when it is missing; `busyTimeoutMs` is how long to wait for other writers. */
  constructor(lake: Lake, busyTimeoutMs?: number) {
    this.#lake = lake;
    this.#database = new SqliteFile(
      lake.servingRegistry,
      registrySchema,
      busyTimeoutMs === undefined ? {} : { busyTimeoutMs },
    );
  }

  /** Throws REGISTRY_CORRUPT when the file that was opened is not the one that lies there now. */
  assertInPlace(): void {
    if (this.#database.isInPlace) return;
    const path = this.#lake.servingRegistry;
    throw new SpymasterError(
      'REGISTRY_CORRUPT',
      `The serving registry ${path} was taken away or replaced since it was opened; start the server again.`,
      { path },
    );
  }

  close(): void {
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Publishes a spec: its canonical YAML is written whole, then its row; with an alias, that points at it from then on.
   * The same content again is no change. Throws FILE_EXISTS when the id is taken by other content.
   */
  publish(
    spec: PublishedServingSpec,
    options: { readonly now: Clock; readonly alias?: string; readonly reason?: string | undefined },
  ): ServingVersion {
    const { serving_id: servingId } = parsePublishedServing(spec, 'the serving version');
    const path = this.#lake.path(this.#lake.relative(this.#lake.servingVersions), `${servingId}.yaml`);
    const { text, sha256 } = formatPublishedServing(spec);
    return this.#database.transaction(() => {
      const atUtc = this.#stamp(options.now);
      const known = this.#version(servingId);
      if (known === null) {
        // A file without a row was left by a publication that did not finish; it was never visible.
        writeFileAtomicSync(path, text);
        this.#addVersion(spec, path, sha256, atUtc);
        this.#event(atUtc, 'publish', null, null, servingId);
      } else if (!sameButForTime(this.#read(known), spec)) {
        throw new SpymasterError(
          'FILE_EXISTS',
          `Cannot publish ${servingId}: that version exists with other content, and versions never change; ` +
            'publish under another id.',
          { path, servingId },
        );
      }
      if (options.alias !== undefined) this.#point(options.alias, servingId, 'promote', atUtc, options.reason);
      return notNull(this.#version(servingId));
    });
  }

  /** Takes note of a version whose file is there, published by another machine; one that is known is no change. */
  adopt(servingId: string): void {
    const path = this.#lake.path(this.#lake.relative(this.#lake.servingVersions), `${servingId}.yaml`);
    this.#database.transaction(() => {
      if (this.#version(servingId) !== null) return;
      const text = readFileSync(path, 'utf8');
      const spec = readPublishedServing(text, path);
      if (spec.serving_id !== servingId) {
        throw new SpymasterError(
          'CHECKSUM_MISMATCH',
          `Cannot use the serving version ${path}: it says that it is ${spec.serving_id}; remove it, and promote the run again.`,
          { path, serving: servingId },
        );
      }
      this.#addVersion(spec, path, sha256Hex(text), spec.source.promoted_at_utc);
    });
  }

  /** The version that says the same as `spec`, its id and the time of its promotion aside; null when there is none. */
  findSame(spec: PublishedServingSpec): ServingVersion | null {
    const { run_id: runId, config_hash: configHash } = spec.source;
    const rows = this.#database.all(
      'SELECT serving_id AS id FROM versions WHERE run_id = ? AND config_hash = ? ORDER BY rowid',
      runId,
      configHash,
    );
    for (const { id } of rows) {
      const version = notNull(this.#version(id as string));
      if (sameButForTime(this.#read(version), { ...spec, serving_id: version.servingId })) return version;
    }
    return null;
  }

  /** Whether a version has this id. */
  has(servingId: string): boolean {
    return this.#version(servingId) !== null;
  }

  /** Whether an alias or a version has this name. */
  knows(aliasOrId: string): boolean {
    return this.has(aliasOrId) || this.#target(aliasOrId) !== null;
  }

  /** Points an alias at a published version. Throws SERVING_UNKNOWN. */
  promote(alias: string, servingId: string, now: Clock): void {
    this.#database.transaction(() => this.#point(alias, servingId, 'promote', this.#stamp(now)));
  }

  /** Points an alias back at a version that it once had. Throws SERVING_UNKNOWN, which lists those. */
  rollback(alias: string, servingId: string, now: Clock, reason?: string): void {
    this.#database.transaction(() => {
      const had = [...new Set(this.history(alias).map((event) => event.toServingId))];
      if (had.length === 0) throw this.#unknown(alias);
      if (!had.includes(servingId)) {
        throw new SpymasterError(
          'SERVING_UNKNOWN',
          `Cannot roll ${alias} back to ${servingId}: it never pointed there; it had ${had.join(', ')}.`,
          { serving: servingId, alias, known: had },
        );
      }
      this.#point(alias, servingId, 'rollback', this.#stamp(now), reason);
    });
  }

  /** The audit events of an alias, oldest first; empty for an alias that never was. */
  history(alias: string): ServingEvent[] {
    const rows = this.#database.all(
      `SELECT event_id AS id, at_utc AS atUtc, action, alias, from_serving_id AS fromServingId, to_serving_id AS toServingId
       FROM events WHERE alias = ? ORDER BY event_id`,
      alias,
    );
    const reasons = this.#reasonsOf(alias);
    return rows.map(({ id, ...event }) => {
      const reason = reasons.get(id);
      return { ...event, ...(reason === undefined ? {} : { reason }) } as unknown as ServingEvent;
    });
  }

  /** As `history`, of an alias that is known. Throws SERVING_UNKNOWN, which lists the aliases. */
  knownHistory(alias: string): ServingEvent[] {
    const events = this.history(alias);
    if (events.length > 0) return events;
    const known = this.aliases().map((one) => one.alias);
    throw new SpymasterError(
      'SERVING_UNKNOWN',
      `Cannot find the alias ${JSON.stringify(alias)}: ${known.length === 0 ? 'there is none yet' : `there are ${known.join(', ')}`}.`,
      { serving: alias, known },
    );
  }

  /** All published versions, newest first. */
  versions(): ServingVersion[] {
    const rows = this.#database.all('SELECT serving_id AS id FROM versions ORDER BY created_at_utc DESC, rowid DESC');
    return rows.map((row) => notNull(this.#version(row.id as string)));
  }

  /** All aliases, by name, with the version that each points at. */
  aliases(): { alias: string; servingId: string; updatedAtUtc: string }[] {
    return this.#database.all(
      'SELECT alias, serving_id AS servingId, updated_at_utc AS updatedAtUtc FROM aliases ORDER BY alias',
    ) as { alias: string; servingId: string; updatedAtUtc: string }[];
  }

  /**
   * The spec that an alias or a serving id stands for, read from its file and verified.
   * Throws SERVING_UNKNOWN, FILE_NOT_FOUND when the file is missing, CHECKSUM_MISMATCH when it changed.
   */
  resolve(aliasOrId: string): ResolvedServing {
    const servingId = this.#target(aliasOrId) ?? aliasOrId;
    const version = this.#version(servingId);
    if (version === null) throw this.#unknown(aliasOrId);
    return { servingId, servingName: aliasOrId, spec: this.#read(version) };
  }

  /** The version that an alias points at; null for a name that is no alias. */
  #target(alias: string): string | null {
    const row = this.#database.get('SELECT serving_id AS id FROM aliases WHERE alias = ?', alias);
    return row === undefined ? null : (row.id as string);
  }

  #point(alias: string, servingId: string, action: 'promote' | 'rollback', atUtc: string, reason?: string): void {
    checkedName(alias, 'alias');
    if (this.#version(servingId) === null) throw this.#unknown(servingId);
    if (this.#version(alias) !== null) {
      throw new SpymasterError('FILE_EXISTS', `Cannot use ${alias} as an alias: a serving version has that id.`, {
        alias,
      });
    }
    const before = this.#target(alias);
    if (before === servingId) return;
    if (before === null) assertNoDayStream(alias);
    this.#database.run(
      `INSERT INTO aliases VALUES (?, ?, ?)
       ON CONFLICT (alias) DO UPDATE SET serving_id = excluded.serving_id, updated_at_utc = excluded.updated_at_utc`,
      ...[alias, servingId, atUtc],
    );
    this.#event(atUtc, action, alias, before, servingId);
    if (reason === undefined) return;
    this.#database.run(reasonsTable);
    this.#database.run('INSERT INTO event_reasons VALUES (last_insert_rowid(), ?)', reason);
  }

  /** Reasons by event. */
  #reasonsOf(alias: string): Map<unknown, string> {
    const table = this.#database.get("SELECT 1 FROM sqlite_schema WHERE name = 'event_reasons'");
    if (table === undefined) return new Map();
    const rows = this.#database.all(
      'SELECT event_id AS id, reason FROM event_reasons JOIN events USING (event_id) WHERE alias = ?',
      alias,
    );
    return new Map(rows.map(({ id, reason }) => [id, reason as string]));
  }

  /**
   * The time of a change, read inside its transaction, so that the times of the history are in its order; a clock that was
   * set back repeats the last time.
   */
  #stamp(now: Clock): string {
    const row = this.#database.get('SELECT max(at_utc) AS last FROM events');
    const last = (row?.last as string | null | undefined) ?? '';
    const atUtc = now();
    return atUtc > last ? atUtc : last;
  }

  #addVersion(spec: PublishedServingSpec, path: string, sha256: string, atUtc: string): void {
    const { serving_id: servingId, source, description } = spec;
    this.#database.run(
      'INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[servingId, this.#lake.relative(path), sha256, atUtc, source.run_id, source.config_hash],
      ...[source.experiment_name, source.signal_name, description],
    );
  }

  #event(atUtc: string, action: ServingEvent['action'], alias: string | null, from: string | null, to: string): void {
    this.#database.run(
      'INSERT INTO events (at_utc, action, alias, from_serving_id, to_serving_id) VALUES (?, ?, ?, ?, ?)',
      ...[atUtc, action, alias, from, to],
    );
  }

  #version(servingId: string): ServingVersion | null {
    const select = `SELECT ${versionColumns} FROM versions WHERE serving_id = ?`;
    const row = this.#database.get(select, servingId);
    if (row === undefined) return null;
    const aliases = this.#database
      .all('SELECT alias FROM aliases WHERE serving_id = ? ORDER BY alias', servingId)
      .map((found) => found.alias as string);
    return { ...(row as unknown as Omit<ServingVersion, 'aliases'>), aliases };
  }

  /** The spec of a version, from a file that is as it was published. */
  #read(version: ServingVersion): PublishedServingSpec {
    const path = this.#lake.path(...version.path.split('/'));
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      throw new SpymasterError(
        'FILE_NOT_FOUND',
        `Cannot read the serving version ${version.servingId}: its spec ${path} is missing or unreadable; ` +
          'restore the file, or point the alias at another version.',
        { path, serving: version.servingId },
        cause,
      );
    }
    const actual = sha256Hex(text);
    if (actual !== version.sha256) {
      throw new SpymasterError(
        'CHECKSUM_MISMATCH',
        `Cannot use the serving version ${version.servingId}: its spec ${path} changed since it was published ` +
          `(SHA-256 expected ${version.sha256.slice(0, 12)}…, got ${actual.slice(0, 12)}…); ` +
          'restore the file, or promote the run again under another id.',
        { path, serving: version.servingId, expected: version.sha256, actual },
      );
    }
    return readPublishedServing(text, path);
  }

  #unknown(name: string): SpymasterError {
    const known = [
      ...this.aliases().map(({ alias }) => alias),
      ...this.#database
        .all('SELECT serving_id AS id FROM versions ORDER BY created_at_utc DESC, rowid DESC')
        .map(({ id }) => id as string),
    ];
    const suggestion = nearest(name, known);
    const remedy =
      suggestion === null
        ? 'nothing has been published yet; promote a run, or start the demo'
        : `the nearest known name is ${JSON.stringify(suggestion)}, of ${known.slice(0, 10).join(', ')}`;
    return new SpymasterError('SERVING_UNKNOWN', `Cannot find the serving ${JSON.stringify(name)}: ${remedy}.`, {
      serving: name,
      known: known.slice(0, 100),
    });
  }
}

/** Refuses an alias that would hide a session of a run or version. Throws CONFIG_INVALID. */
function assertNoDayStream(alias: string): void {
  if (parseDayStreamName(alias) === null) return;
  throw new SpymasterError(
    'CONFIG_INVALID',
    `Cannot use ${alias} as an alias: a name that ends with a date of eight digits is that session of a run or version; ` +
      'write the date with "-", or leave it out.',
    { key: 'alias', alias },
  );
}

/** Whether two specs say the same, the time of their promotion aside. */
function sameButForTime(a: PublishedServingSpec, b: PublishedServingSpec): boolean {
  const timeless = (spec: PublishedServingSpec) =>
    formatPublishedServing({ ...spec, source: { ...spec.source, promoted_at_utc: '-' } }).sha256;
  return timeless(a) === timeless(b);
}
