import type { AddCommand } from './command.ts';

/**
 * Every command by name, in the order in which help shows them. Only the command that is asked for is loaded, so that it
 * does not wait for the others' libraries; help loads them all.
 */
export const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  demo: async () => (await import('./demo.ts')).addDemoCommand,
  synth: async () => (await import('./synth.ts')).addSynthCommand,
  inspect: async () => (await import('./inspect.ts')).addInspectCommand,
  init: async () => (await import('./init.ts')).addInitCommand,
  import: async () => (await import('./import.ts')).addImportCommand,
  replay: async () => (await import('./replay.ts')).addReplayCommand,
  validate: async () => (await import('./validate.ts')).addValidateCommand,
  download: async () => (await import('./download.ts')).addDownloadCommand,
  record: async () => (await import('./record.ts')).addRecordCommand,
  generate: async () => (await import('./generate.ts')).addGenerateCommand,
  campaign: async () => (await import('./campaign.ts')).addCampaignCommand,
  'publish-dataset': async () => (await import('./publish_dataset.ts')).addPublishDatasetCommand,
  'list-datasets': async () => (await import('./list_datasets.ts')).addListDatasetsCommand,
  analyze: async () => (await import('./analyze.ts')).addAnalyzeCommand,
  sessions: async () => (await import('./sessions.ts')).addSessionsCommand,
  run: async () => (await import('./run.ts')).addRunCommand,
  compare: async () => (await import('./compare.ts')).addCompareCommand,
  report: async () => (await import('./report.ts')).addReportCommand,
  fills: async () => (await import('./fills.ts')).addFillsCommand,
  export: async () => (await import('./export.ts')).addExportCommand,
  events: async () => (await import('./events.ts')).addEventsCommand,
  trades: async () => (await import('./trades.ts')).addTradesCommand,
  promote: async () => (await import('./promote.ts')).addPromoteCommand,
  'online-sim': async () => (await import('./online_sim.ts')).addOnlineSimCommand,
  results: async () => (await import('./results.ts')).addResultsCommand,
  serving: async () => (await import('./serving.ts')).addServingCommand,
  'list-signals': async () => (await import('./list_signals.ts')).addListSignalsCommand,
  'list-servings': async () => (await import('./list_servings.ts')).addListServingsCommand,
  serve: async () => (await import('./serve.ts')).addServeCommand,
  gateway: async () => (await import('./gateway.ts')).addGatewayCommand,
  'warm-cache': async () => (await import('./warm_cache.ts')).addWarmCacheCommand,
  cache: async () => (await import('./cache.ts')).addCacheCommand,
  'cache-output': async () => (await import('./cache_output.ts')).addCacheOutputCommand,
  bench: async () => (await import('./bench.ts')).addBenchCommand,
  doctor: async () => (await import('./doctor.ts')).addDoctorCommand,
  dbn: async () => (await import('./dbn/command.ts')).addDbnCommand,
};
