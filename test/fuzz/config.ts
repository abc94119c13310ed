import { ok } from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatPublishedServing } from '../../src/config/index.ts';
import { type ErrorCode, exitCode, SpymasterError } from '../../src/errors.ts';
import { runCommand } from '../helpers/run_command.ts';
import { servingSpec } from '../helpers/serving_lake.ts';
import { mutateYaml } from './mutate_yaml.ts';
import type { Target } from './target.ts';

const root = join(import.meta.dirname, '../..');

/** Configuration files of every kind, as `validate` reads them, with the specs that they name. */
export function makeTarget(kept: readonly Uint8Array[], folder: string): Target {
  for (const kind of ['pipelines', 'serving'])
    cpSync(join(root, 'configs', kind), join(folder, kind), { recursive: true });
  const corpus = [...texts(), ...kept.map((bytes) => new TextDecoder().decode(bytes))];
  const file = join(folder, 'pipelines', 'changed.yaml');
  return {
    corpus: corpus.map((text) => new TextEncoder().encode(text)),
    codes: ['CONFIG_PARSE', 'CONFIG_INVALID', 'INSTRUMENT_LOCKED', 'SPEC_UNKNOWN', 'SWEEP_INVALID'],
    mutate: (random) => mutateYaml(random, corpus),
    read: async (input) => {
      writeFileSync(file, input);
      const { code, out, err } = await runCommand('validate', file, '--json', '--lake-root', folder);
      ok(code !== exitCode.unexpected, `exit code ${code}: ${err}`);
      if (code === exitCode.ok) return (JSON.parse(out) as { kind: string }).kind;
      const { error } = JSON.parse(out) as { error: { code: ErrorCode; message: string } };
      throw new SpymasterError(error.code, error.message);
    },
  };
}

function texts(): string[] {
  const files = ['', 'pipelines', 'serving', 'experiments', 'gold_campaigns'].flatMap((folder) =>
    readdirSync(join(root, 'configs', folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => readFileSync(join(root, 'configs', folder, name), 'utf8')),
  );
  return [...files, formatPublishedServing(servingSpec('srv_demo_00000001_00000001')).text];
}
