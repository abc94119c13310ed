export type { AnalysisReport, AnalysisSubject } from './analysis_report.ts';
export { analyze, datasetSubject } from './analyze.ts';
export { toJson } from './json.ts';
export { renderReport } from './report/page.ts';
export { type WrittenReport, writeReport } from './report/write.ts';
export type { TradeRules } from './signal_study.ts';
