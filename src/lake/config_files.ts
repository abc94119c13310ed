import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  configText,
  type ParsedYaml,
  parseInstrument,
  parseReplayConfig,
  parseYaml,
  type ReplayConfig,
  type RuntimeConfig,
} from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { openToRead, readError } from '../files/index.ts';
import { formatBytes } from '../format.ts';

/** No configuration file of ours comes near this size. */
const maxConfigBytes = 4 << 20;

/** The text of a configuration file; throws FILE_NOT_FOUND, FILE_UNREADABLE (also when too large), CONFIG_PARSE (not UTF-8). */
export async function readConfigText(path: string): Promise<string> {
  const { file, sizeBytes } = await openToRead(path);
  try {
    if (sizeBytes > maxConfigBytes)
      throw new Error(`it has ${formatBytes(sizeBytes)}, and a configuration at most ${formatBytes(maxConfigBytes)}`);
    return configText(await file.readFile(), path);
  } catch (cause) {
    throw readError(path, cause);
  } finally {
    await file.close();
  }
}

/** Reads and parses a YAML or JSON file; throws CONFIG_PARSE too, with the line. */
export async function readYamlFile(path: string): Promise<ParsedYaml> {
  return parseYaml(await readConfigText(path), path);
}

/** Reads the configuration of `replay`; throws CONFIG_INVALID too. */
export async function readReplayConfig(path: string): Promise<ReplayConfig> {
  const { value, origin } = await readYamlFile(path);
  return parseReplayConfig(value, origin);
}

/**
 * Where the instrument lock is read from: VP_INSTRUMENT_CONFIG_PATH, else instrument.yaml in the working folder, else beside the
 * folders of the specs that `spec` is one of, else in the working folder's configs.
 */
export function instrumentPath(
  environment: Readonly<Record<string, string | undefined>>,
  spec: string | null = null,
): string {
  if (environment.VP_INSTRUMENT_CONFIG_PATH) return resolve(environment.VP_INSTRUMENT_CONFIG_PATH);
  const beside = spec === null ? [] : [join(dirname(dirname(resolve(spec))), 'instrument.yaml')];
  const candidates = ['instrument.yaml', ...beside, 'configs/instrument.yaml'];
  return resolve(candidates.find((path) => existsSync(path)) ?? present(candidates[0]));
}

/** Reads the instrument lock; a missing file is FILE_NOT_FOUND that says how to provide one. */
export async function readInstrument(path: string): Promise<RuntimeConfig> {
  try {
    return parseInstrument(await readConfigText(path), path);
  } catch (error) {
    if (!(error instanceof SpymasterError) || error.code !== 'FILE_NOT_FOUND') throw error;
    throw new SpymasterError(
      'FILE_NOT_FOUND',
      `Cannot find ${path}: an environment is locked to one instrument by its instrument.yaml; ` +
        '`npx spymaster init --from FILE` writes one, or point VP_INSTRUMENT_CONFIG_PATH at yours.',
      { path },
      error,
    );
  }
}
