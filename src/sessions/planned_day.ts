import { existsSync } from 'node:fs';
import { locatedIn, resolveDay, type SessionCapture } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { Lake, LoadedPipeline, LoadedTemplate, RawFolder } from '../lake/index.ts';
import type { VolumeCache } from './contract_volumes.ts';

/** The raw file of a session; or why there is none. */
export type RawFile = { readonly path: string } | { readonly path: null; readonly reason: string };

/**
 * The raw file of a contract on a date: the one that names it, else one that names no contract and holds it.
 */
export async function rawFileOf(
  folder: RawFolder,
  cache: VolumeCache,
  { spec }: Pick<LoadedPipeline, 'spec'>,
): Promise<RawFile> {
  const { product_type, symbol, dt } = spec.capture;
  const files = folder.on(dt);
  const file = files.get(symbol) ?? files.get('');
  const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  if (file === undefined) {
    const others = [...files.keys()].filter((contract) => contract !== '');
    const there = others.length === 0 ? '' : `, only of ${others.sort().join(', ')}`;
    return { path: null, reason: `the lake has no raw file of ${symbol}${there}` };
  }
  if (typeof file !== 'string') {
    return { path: null, reason: `these files fit equally well: ${file.map(nameOf).join(', ')}; keep one of them` };
  }
  if (files.has(symbol) || product_type === 'equity_mbo') return { path: file };
  let symbols: ReadonlySet<string>;
  try {
    symbols = await cache.symbols(file);
  } catch (error) {
    if (error instanceof SpymasterError) return { path: null, reason: error.message.replace(/\.$/, '') };
    throw error;
  }
  if (symbols.size === 0 || symbols.has(symbol)) return { path: file };
  const held = [...symbols].sort().slice(0, 5).join(', ');
  return { path: null, reason: `${nameOf(file)} holds ${held}, not ${symbol}` };
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
export function binsOf({ capture, runtime }: LoadedPipeline): number {
  const endNs = capture.endNs ?? capture.sessionEndNs;
  return Math.ceil(Number(endNs - capture.startNs) / 1e6 / runtime.cell_width_ms);
}

/** Whether the dataset of an id is in the lake. */
export function isMade(lake: Lake, datasetId: string): boolean {
  return existsSync(lake.datasets(datasetId));
}
