import type { RuntimeConfig } from '../../config/index.ts';
import { SpymasterError } from '../../errors.ts';
import { translateCampaign } from './legacy_campaign.ts';
import { translateExperiment, translateTracking } from './legacy_experiment.ts';
import type { Block, LegacyForm } from './legacy_form.ts';
import { blockOf, isBlock } from './legacy_values.ts';

/** The kinds of spec in which the replaced program differs. */
type LegacyKind = 'experiment' | 'campaign' | 'serving' | 'tracking';

/** How a parsed file is of the replaced program's form; null where nothing in it is. */
export function legacyKindOf(value: unknown): LegacyKind | null {
  if (!isBlock(value)) return null;
  const has = (key: string) => Object.hasOwn(value, key);
  const sweep = isBlock(value.sweep) ? value.sweep : {};
  if (has('datasets') || has('grid_variant') || Object.hasOwn(sweep, 'universal')) return 'experiment';
  if (has('signals') && !has('serving')) return 'experiment';
  const capture = isBlock(value.base_capture) ? value.base_capture : {};
  const hasPlainBundle =
    Array.isArray(value.bundles) &&
    value.bundles.some((bundle) => isBlock(bundle) && !Object.hasOwn(bundle, 'settings'));
  if (Object.hasOwn(capture, 'capture_start_et') || hasPlainBundle) return 'campaign';
  if (isBlock(value.signal) && isBlock(value.signal.weights) && Object.keys(value.signal.weights).some(lacksSuffix)) {
    return 'serving';
  }
  const { tracking } = value;
  return isBlock(tracking) && tracking.backend === 'mlflow' && tracking.tracking_uri === undefined ? 'tracking' : null;
}

/**
 * What `parse` makes of a file's value; an error of a file of the replaced program says how to bring it into today's form.
 */
export function parseOrAdvise<T>(file: string, value: unknown, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SpymasterError) || legacyKindOf(value) === null) throw error;
    const advice = `  ${file} has an older form: \`spymaster validate ${file} --fix\` writes today's, or says why there is none.`;
    throw new SpymasterError(error.code, `${error.message}\n${advice}`, error.fields, error);
  }
}

const lacksSuffix = (key: string) => /^(?:bull|bear)_(?:pressure|vacuum)$|^mixed$/.test(key);

/**
 * A file of the replaced program in today's form; null where it has that form already. Specs that it names are not looked at.
 * Throws CONFIG_INVALID with the one reason for which it has no form today.
 */
export function translateLegacy(
  file: string,
  value: unknown,
  instrument: Pick<RuntimeConfig, 'product_type'>,
): LegacyForm | null {
  const kind = legacyKindOf(value);
  if (kind === null || !isBlock(value)) return null;
  const changes: string[] = [];
  switch (kind) {
    case 'experiment':
      return { specs: translateExperiment(file, value, instrument, changes), changes };
    case 'campaign':
      return { specs: [translateCampaign(file, value, changes)], changes };
    case 'serving':
      return {
        specs: [{ kind: 'serving', name: String(value.name), value: renameWeights(file, value, changes) }],
        changes,
      };
    case 'tracking': {
      const tracking = translateTracking(file, value.tracking, changes);
      return { specs: [{ kind: 'experiments', name: String(value.name), value: { ...value, tracking } }], changes };
    }
  }
}

function renameWeights(file: string, value: Block, changes: string[]): Block {
  const signal = blockOf(file, 'signal', value.signal);
  const weights = Object.entries(blockOf(file, 'signal.weights', signal.weights)).map(([key, weight]) => {
    if (!lacksSuffix(key)) return [key, weight] as const;
    changes.push(`signal.weights.${key} is ${key}_weight now.`);
    return [`${key}_weight`, weight] as const;
  });
  return { ...value, signal: { ...signal, weights: Object.fromEntries(weights) } };
}
