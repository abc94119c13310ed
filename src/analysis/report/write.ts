import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { present } from '../../errors.ts';
import { type AtomicFile, createAtomicFile, removeEmptyFolder, removeStaleTemporaries } from '../../files/index.ts';
import type { AnalysisReport } from '../analysis_report.ts';
import { toJson } from '../json.ts';
import { renderReport } from './page.ts';

export interface WrittenReport {
  readonly report: AnalysisReport;
  readonly htmlPath: string;
  readonly htmlBytes: number;
  readonly jsonPath: string;
  readonly jsonBytes: number;
}

/**
 * Makes a report and writes `report.html` and `report.json` to `folder`, which is made when it is missing and must be
 * writable before the work begins: both are whole on disk before either gets its name, in place of an older one. Killed
 * before that, it leaves temporary files that the next run removes. Throws LAKE_NOT_WRITABLE and what `make` throws.
 */
export async function writeReport(folder: string, make: () => Promise<AnalysisReport>): Promise<WrittenReport> {
  const isNew = !existsSync(folder);
  const [htmlPath, jsonPath] = [join(folder, 'report.html'), join(folder, 'report.json')];
  const files: AtomicFile[] = [];
  try {
    for (const path of [htmlPath, jsonPath]) files.push(await createAtomicFile(path));
    await removeStaleTemporaries(folder);
    const report = await make();
    const texts = [await renderReport(report), `${JSON.stringify(toJson(report))}\n`];
    for (const [index, file] of files.entries()) await file.write(new TextEncoder().encode(texts[index]));
    for (const file of files) await file.commit();
    const [htmlBytes, jsonBytes] = files.map(({ bytesWritten }) => bytesWritten);
    return { report, htmlPath, htmlBytes: present(htmlBytes), jsonPath, jsonBytes: present(jsonBytes) };
  } catch (error) {
    for (const file of files) await file.abort();
    // A folder that was made for this is of no use; one that holds something stays.
    if (isNew) await removeEmptyFolder(folder);
    throw error;
  }
}
