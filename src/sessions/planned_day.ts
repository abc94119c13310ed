import { existsSync } from 'node:fs';
import { locatedIn, resolveDay, type SessionCapture, tickSizeInt } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { Lake, LoadedPipeline, LoadedTemplate, RawFolder } from '../lake/index.ts';
import type { PriceStepFacts, PriceSteps } from './price_steps.ts';

/** The raw file of a session; or why there is none, and whether there is one of another tick. */
export type RawFile =
  | { readonly path: string }
  | { readonly path: null; readonly reason: string; readonly isOffTick: boolean };

/**
 * The raw file of a contract on a date: the one that names it, else one that names no contract and holds it. It can be
 * opened, and for futures, prices among its first orders are multiples of the tick.
 */
export async function rawFileOf(
  folder: RawFolder,
  facts: PriceStepFacts,
  { spec, runtime }: Pick<LoadedPipeline, 'spec' | 'runtime'>,
): Promise<RawFile> {
  const { product_type, symbol, dt } = spec.capture;
  const files = folder.on(dt);
  const file = files.get(symbol) ?? files.get('');
  const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const none = (reason: string, isOffTick = false) => ({ path: null, reason, isOffTick });
  if (file === undefined) {
    const others = [...files.keys()].filter((contract) => contract !== '');
    const there = others.length === 0 ? '' : `, only of ${others.sort().join(', ')}`;
    return none(`the lake has no raw file of ${symbol}${there}`);
  }
  if (typeof file !== 'string') {
    return none(`these files fit equally well: ${file.map(nameOf).join(', ')}; keep one of them`);
  }
  let steps: PriceSteps;
  try {
    steps = await facts.of(file);
  } catch (error) {
    if (error instanceof SpymasterError) return none(error.message.replace(/\.$/, ''));
    throw error;
  }
  const held = Object.keys(steps).sort();
  if (held.length > 0 && !held.includes(symbol)) {
    return none(`${nameOf(file)} holds ${held.slice(0, 5).join(', ')}, not ${symbol}`);
  }
  // Reading stops at the first orders: without any, none is in the file.
  if (held.length > 0 && held.every((contract) => steps[contract] === 0))
    return none(`${nameOf(file)} holds no orders`);
  const step = steps[symbol] ?? 0;
  // Stocks below a dollar have prices between ticks.
  if (product_type === 'future_mbo' && step % tickSizeInt(runtime) !== 0) {
    return none(`prices of ${nameOf(file)} go by ${step / 1e9}, and the tick is ${runtime.tick_size}`, true);
  }
  return { path: file };
}

/** The pipeline of a session; an error of the capture points at the pipeline's file. */
export function pipelineOfDay(template: LoadedTemplate, capture: SessionCapture): LoadedPipeline {
  try {
    return { ...resolveDay(template, capture, template.origin), path: template.path };
  } catch (error) {
    if (!(error instanceof SpymasterError) || error.fields.path !== undefined) throw error;
    throw locatedIn(error, template.origin, ['capture']);
  }
}

/** Bins of a pipeline's capture. */
export function binsOf({ capture, runtime }: Pick<LoadedPipeline, 'capture' | 'runtime'>): number {
  const endNs = capture.endNs ?? capture.sessionEndNs;
  return Math.ceil(Number(endNs - capture.startNs) / 1e6 / runtime.cell_width_ms);
}

/** Whether the dataset of an id is in the lake, as its folder says. */
export function isMade(lake: Lake, datasetId: string): boolean {
  return existsSync(lake.datasets(datasetId));
}
