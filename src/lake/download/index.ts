export { DatabentoApi } from './api.ts';
export {
  type DownloadedSession,
  type DownloadOptions,
  type DownloadProgress,
  downloadSessions,
  partBytes,
} from './download.ts';
export { DatabentoHttp } from './http.ts';
export { JobLedger, type Order, readLedger } from './ledger.ts';
export { type DownloadPlan, type PlannedSession, planDownload } from './plan.ts';
export {
  type DownloadRequest,
  downloadSchemas,
} from './sessions.ts';
export { type DownloadTiming, defaultTiming } from './timing.ts';
