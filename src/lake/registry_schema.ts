import { SpymasterError } from '../errors.ts';
import type { SqliteSchema } from '../files/index.ts';

/** The tables of the serving registry. */
export const registrySchema: SqliteSchema = {
  name: 'serving registry',
  applicationId: 0x53505952,
  layout: 1,
  tables: `
    CREATE TABLE versions (
      serving_id TEXT PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL, created_at_utc TEXT NOT NULL,
      run_id TEXT NOT NULL, config_hash TEXT NOT NULL, experiment_name TEXT NOT NULL, signal_name TEXT NOT NULL,
      description TEXT NOT NULL
    ) STRICT;
    CREATE INDEX versions_by_run ON versions (run_id, config_hash);
    CREATE TABLE aliases (
      alias TEXT PRIMARY KEY, serving_id TEXT NOT NULL REFERENCES versions, updated_at_utc TEXT NOT NULL
    ) STRICT;
    CREATE TABLE events (
      event_id INTEGER PRIMARY KEY, at_utc TEXT NOT NULL, action TEXT NOT NULL, alias TEXT, from_serving_id TEXT,
      to_serving_id TEXT NOT NULL
    ) STRICT;`,
  corrupt: (path, why, cause) =>
    new SpymasterError(
      'REGISTRY_CORRUPT',
      `Cannot use the serving registry ${path}: ${why}; restore it from a backup, or move it away to start anew.`,
      { path },
      cause,
    ),
};
