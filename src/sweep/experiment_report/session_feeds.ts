import { SpymasterError } from '../../errors.ts';
import { datasetAnomalies, datasetBookGaps, type Lake, readManifest } from '../../lake/index.ts';
import type { ExperimentDocument } from '../experiment_document.ts';

/** An experiment's document with what is known of each session's feed. */
export interface ReportDocument extends ExperimentDocument {
  readonly sessions: (ExperimentDocument['sessions'][number] & {
    /** Sentences; none for a clean feed, null where the lake no longer has the dataset. */
    readonly anomalies: readonly string[] | null;
  })[];
}

/** Adds to a document the anomalies of every session's feed, as its dataset counted them. */
export async function withSessionFeeds(lake: Lake, document: ExperimentDocument): Promise<ReportDocument> {
  const sessions: ReportDocument['sessions'][number][] = [];
  for (const session of document.sessions) {
    sessions.push({ ...session, anomalies: await anomaliesOf(lake, session.dataset_id) });
  }
  return { ...document, sessions };
}

async function anomaliesOf(lake: Lake, datasetId: string): Promise<string[] | null> {
  try {
    const manifest = await readManifest(lake, datasetId);
    return [...datasetAnomalies(manifest), ...(await datasetBookGaps(lake, manifest))];
  } catch (error) {
    if (!(error instanceof SpymasterError)) throw error;
    // One damaged dataset does not stop the report of the others.
    return error.code === 'DATASET_UNKNOWN' ? null : [error.message];
  }
}
