import { scoringFields } from '../../config/index.ts';
import type { Block, NewSpec } from './legacy_form.ts';
import { blockOf, clockOf } from './legacy_values.ts';
import { refusal } from './refusal.ts';

const scoringNames: ReadonlyMap<string, string> = new Map(
  Object.entries(scoringFields).map(([name, field]) => [field, `scoring.${name}`]),
);

/** Runtime fields by the names that a campaign has for them. */
function settingsOf(fields: Block, changes: string[]): Block {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      const name = scoringNames.get(key) ?? key;
      const change = `${key} is ${name} now.`;
      if (name !== key && !changes.includes(change)) changes.push(change);
      return [name, value];
    }),
  );
}

/** A campaign with `capture_start_et` and bundles without names. */
export function translateCampaign(file: string, value: Block, changes: string[]): NewSpec {
  const { base_capture, publish, sweep_axes, bundles, ...rest } = value;
  const { capture_start_et: start, capture_end_et: end, ...capture } = blockOf(file, 'base_capture', base_capture);
  const times = {
    ...(start === undefined ? {} : { start_time: clockOf(file, 'base_capture.capture_start_et', start) }),
    ...(end === undefined ? {} : { end_time: clockOf(file, 'base_capture.capture_end_et', end) }),
  };
  if (start !== undefined)
    changes.push('base_capture.capture_start_et and capture_end_et are start_time and end_time now.');
  if (rest.pipeline_code_version === undefined) changes.push('pipeline_code_version is 1: there was none.');
  const named = (Array.isArray(bundles) ? bundles : []).map((bundle: unknown, i) => {
    const fields = blockOf(file, `bundles[${i}]`, bundle);
    if (fields.settings !== undefined)
      return { ...fields, settings: settingsOf(blockOf(file, 'settings', fields.settings), changes) };
    const { name = `bundle_${i + 1}`, ...settings } = fields;
    return { name, settings: settingsOf(settings, changes) };
  });
  if (named.length > 0) changes.push('bundles have names, and their fields stand in settings.');
  const { agents, ...published } = publish === undefined ? { agents: undefined } : blockOf(file, 'publish', publish);
  if (agents !== undefined) {
    const lost = Array.isArray(agents) && agents.length > 0 ? ` (${agents.join(', ')})` : '';
    changes.push(`publish.agents left out${lost}: \`spymaster analyze\` studies a dataset.`);
  }
  if (typeof rest.name !== 'string') throw refusal(file, 'name', 'it has no name');
  return {
    kind: 'gold_campaigns',
    name: rest.name,
    value: {
      ...{ name: rest.name, pipeline_code_version: '1', ...rest },
      base_capture: { ...capture, ...times },
      ...(sweep_axes === undefined ? {} : { sweep_axes: settingsOf(blockOf(file, 'sweep_axes', sweep_axes), changes) }),
      ...(named.length === 0 ? {} : { bundles: named }),
      ...(Object.keys(published).length === 0 ? {} : { publish: published }),
    },
  };
}
