import { existsSync } from 'node:fs';
import { type AlertsSpec, parseAlertsSpec, place } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { readYamlFile } from './config_files.ts';
import type { Lake } from './lake.ts';

/** Rules of alerts, and the secrets of their webhooks by name. */
export interface AlertsFile {
  readonly path: string;
  readonly spec: AlertsSpec;
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * The rules in a file, else in the lake's own; null where neither is there. Throws FILE_NOT_FOUND for a file that is given, what reading
 * and checking it throw, and CONFIG_INVALID for a webhook whose secret is not in the environment.
 */
export async function readAlerts(
  lake: Lake,
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<AlertsFile | null> {
  const path = given ?? lake.alerts;
  if (given === undefined && !existsSync(path)) return null;
  const { value, origin } = await readYamlFile(path);
  const spec = parseAlertsSpec(value, origin);
  const secrets = Object.entries(spec.webhooks).map(([name, { secret_env: variable }]) => {
    const secret = environment[variable] ?? '';
    if (secret !== '') return [name, secret] as const;
    const key = `webhooks.${name}.secret_env`;
    throw new SpymasterError(
      'CONFIG_INVALID',
      `Cannot send alerts to the webhook ${name} of ${place(origin, ['webhooks', name, 'secret_env'])}: the environment variable ` +
        `${variable} is not set; set it to the secret that the receiver checks signatures with.`,
      { path, key },
    );
  });
  return { path, spec, secrets: Object.fromEntries(secrets) };
}
