import { join } from 'node:path';
import { createAtomicFile, removeStaleTemporaries } from '../../../lake/index.ts';
import type { AnalysisReport } from '../analyze.ts';
import { toJson } from '../json.ts';
import { renderReport } from './page.ts';

export interface WrittenReport {
  readonly htmlPath: string;
  readonly htmlBytes: number;
  readonly jsonPath: string;
  readonly jsonBytes: number;
}

/**
 * Writes `report.html` and `report.json` to `folder`, which is made when it is missing: both are whole on disk before either
 * gets its name, in place of an older one. Killed before that, it leaves temporary files that the next run removes.
 * Throws LAKE_NOT_WRITABLE.
 */
export async function writeReport(report: AnalysisReport, folder: string, nowMs: number): Promise<WrittenReport> {
  const paths = [join(folder, 'report.html'), join(folder, 'report.json')] as const;
  const texts = [await renderReport(report), `${JSON.stringify(toJson(report))}\n`] as const;
  const files = [];
  try {
    for (const [index, path] of paths.entries()) {
      const file = await createAtomicFile(path);
      files.push(file);
      await file.write(new TextEncoder().encode(texts[index]));
    }
    await removeStaleTemporaries(folder, nowMs);
    for (const file of files) await file.commit();
  } catch (error) {
    for (const file of files) await file.abort();
    throw error;
  }
  const [htmlBytes, jsonBytes] = files.map(({ bytesWritten }) => bytesWritten);
  return { htmlPath: paths[0], htmlBytes: htmlBytes!, jsonPath: paths[1], jsonBytes: jsonBytes! };
}
