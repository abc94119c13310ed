export { DatabentoApi } from './api.ts';
export { type DownloadResult, downloadSessions } from './download.ts';
export { DatabentoHttp } from './http.ts';
export { keptDays, partBytes, partPath } from './jobs.ts';
export { JobLedger, type Order, readLedger } from './ledger.ts';
export { type DownloadPlan, type PlannedSession, planDownload, type SessionState } from './plan.ts';
export { type DownloadRequest, downloadSchemas } from './sessions.ts';
export { type MissingSessions, planMissingSessions } from './sessions_plan.ts';
export { type DownloadTiming, defaultTiming } from './timing.ts';
