import { type CampaignSpec, type RuntimeConfig, type ScoringField, scoringFields } from '../config/index.ts';
import { defaultSignal, feltFields, type SignalParameters, signalDefinition } from '../signals/index.ts';
import type { SweepPlan } from './plan.ts';

type RuntimeField = keyof RuntimeConfig;

/** Says what of a signal's parameters is sound and yet does not do what one would expect of it; a sentence each. */
export function parameterWarnings(signalName: string, parameters: SignalParameters): string[] {
  const silence = signalDefinition(signalName).silence?.(parameters) ?? null;
  return silence === null ? [] : [`${signalName} hardly ever fires with ${silence}.`];
}

/** The same of a sweep: axes that change no firing, and cells whose signal hardly ever fires. */
export function sweepWarnings({ signalName, axes, cells }: Pick<SweepPlan, 'signalName' | 'axes' | 'cells'>): string[] {
  const { parameters } = signalDefinition(signalName);
  const scoring = axes.flatMap(({ name }) => (name.startsWith('scoring.') ? [name] : []));
  const inert = axes.flatMap(({ name }) => {
    const spec = parameters.find((parameter) => name === `${signalName}.${parameter.name}`);
    const why = spec !== undefined && 'changesNoFiring' in spec ? spec.changesNoFiring : undefined;
    return why === undefined ? [] : [`${name} changes no firing: ${why}.`];
  });
  const silent = new Set<string>();
  if (signalDefinition(signalName).silence !== undefined) {
    for (const one of cells.signalParameters()) for (const text of parameterWarnings(signalName, one)) silent.add(text);
  }
  return [...deafTo(signalName, scoring), ...inert, ...silent];
}

/** The same of a campaign: settings that differ between its variants and that its signal cannot feel. */
export function campaignWarnings({ sweep_axes, bundles, signal }: CampaignSpec): string[] {
  const valuesOf = (key: string) => new Set(bundles.map(({ settings }) => JSON.stringify(settings[key])));
  const inBundles = new Set(bundles.flatMap(({ settings }) => Object.keys(settings)));
  const varying = [
    ...[...inBundles].filter((key) => valuesOf(key).size > 1),
    ...Object.entries(sweep_axes).flatMap(([key, values]) => (values.length > 1 ? [key] : [])),
  ];
  return deafTo(signal?.name ?? defaultSignal.name, varying);
}

/** Of settings by their names in specs, says which ones the signal cannot feel. */
function deafTo(signalName: string, settings: readonly string[]): string[] {
  const definition = signalDefinition(signalName);
  const felt = feltFields(definition);
  const deaf = settings.filter((name) => {
    // How the page continues the flow score is no signal's matter.
    if (name.startsWith('projection.')) return false;
    return !felt.has(
      name.startsWith('scoring.') ? scoringFields[name.slice(8) as ScoringField] : (name as RuntimeField),
    );
  });
  if (deaf.length === 0) return [];
  const does = deaf.length === 1 ? 'changes' : 'change';
  return [
    `${deaf.join(', ')} ${does} no firing of ${signalName}, which reads ${definition.columns.join(', ')} alone: ` +
      'every value gives the same firings.',
  ];
}
