import type { AddCommand } from './command.ts';

/** What help says of a command, and where it is. */
interface ListedCommand {
  /** The heading that help shows it under. */
  readonly group: string;
  /** What follows its name. */
  readonly usage: string;
  readonly description: string;
  readonly load: () => Promise<AddCommand>;
}

/**
 * Every command by name, in the groups and in the order in which help shows them. Only the command that is asked for is loaded,
 * so that it does not wait for the others' libraries; the list of them needs none.
 */
const groups: Readonly<Record<string, Readonly<Record<string, Omit<ListedCommand, 'group'>>>>> = {
  'A first look': {
    demo: {
      usage: '[options]',
      description: 'make a market session, serve it and show where to look; Ctrl-C ends it',
      load: async () => (await import('./demo.ts')).addDemoCommand,
    },
    synth: {
      usage: '[options]',
      description: 'make a synthetic market session as a DBN file',
      load: async () => (await import('./synth.ts')).addSynthCommand,
    },
    inspect: {
      usage: '[options] <file>',
      description: 'show what is in a DBN file, and what is wrong with it',
      load: async () => (await import('./inspect.ts')).addInspectCommand,
    },
    replay: {
      usage: '[options] <file>',
      description: 'replay a file at full speed and write its bins and grids as Parquet',
      load: async () => (await import('./replay.ts')).addReplayCommand,
    },
  },
  Sessions: {
    import: {
      usage: '[options] <files...>',
      description: 'put DBN files into the lake, verified and by session',
      load: async () => (await import('./import.ts')).addImportCommand,
    },
    download: {
      usage: '',
      description: 'buy sessions from Databento and store them in the lake',
      load: async () => (await import('./download.ts')).addDownloadCommand,
    },
    record: {
      usage: '[options]',
      description: 'record a live feed: one file a session, without holes or with their marks',
      load: async () => (await import('./record.ts')).addRecordCommand,
    },
    sessions: {
      usage: '',
      description: 'show the days, contracts and missing files of an experiment with sessions',
      load: async () => (await import('./sessions.ts')).addSessionsCommand,
    },
    'list-datasets': {
      usage: '[options]',
      description: 'list the datasets of the lake',
      load: async () => (await import('./list_datasets.ts')).addListDatasetsCommand,
    },
    generate: {
      usage: '[options] <file>',
      description: 'make the immutable dataset of a pipeline spec',
      load: async () => (await import('./generate.ts')).addGenerateCommand,
    },
    campaign: {
      usage: '',
      description: 'make the datasets of many settings and sessions from one file',
      load: async () => (await import('./campaign.ts')).addCampaignCommand,
    },
    'publish-dataset': {
      usage: '[options] <dataset>',
      description: 'copy a dataset out as a verified, read-only bundle that explains itself',
      load: async () => (await import('./publish_dataset.ts')).addPublishDatasetCommand,
    },
    analyze: {
      usage: '[options] [dataset_id]',
      description: 'report on a session: data quality, spectrum, projection, signal by regime',
      load: async () => (await import('./analyze.ts')).addAnalyzeCommand,
    },
  },
  Experiments: {
    init: {
      usage: '[options]',
      description: 'write an instrument file and first specs for a DBN file',
      load: async () => (await import('./init.ts')).addInitCommand,
    },
    validate: {
      usage: '[options] [file]',
      description: 'check a configuration file and the specs that it names',
      load: async () => (await import('./validate.ts')).addValidateCommand,
    },
    run: {
      usage: '[options] <file>',
      description: 'run the sweep of an experiment spec, making its dataset when it is missing',
      load: async () => (await import('./run.ts')).addRunCommand,
    },
    compare: {
      usage: '[options]',
      description: 'compare runs, with intervals, break-even rates and corrections for the number of trials',
      load: async () => (await import('./compare.ts')).addCompareCommand,
    },
    report: {
      usage: '[options] <experiment>',
      description: 'the verdict on an experiment over all its sessions, with everything that it stands on',
      load: async () => (await import('./report.ts')).addReportCommand,
    },
    trades: {
      usage: '[options] <run_id>',
      description: 'write every trade behind the numbers of a run, over all its sessions',
      load: async () => (await import('./trades.ts')).addTradesCommand,
    },
    execute: {
      usage: '[options]',
      description: "send a run's firings to the real book of its sessions, and tell what is filled and earned",
      load: async () => (await import('./execute.ts')).addExecuteCommand,
    },
    results: {
      usage: '',
      description: 'upkeep of the results store',
      load: async () => (await import('./results.ts')).addResultsCommand,
    },
  },
  'Experiments on several machines': {
    submit: {
      usage: '[options] <file>',
      description: 'queue what is missing of an experiment, for workers on any number of machines',
      load: async () => (await import('./submit.ts')).addSubmitCommand,
    },
    worker: {
      usage: '[options]',
      description: 'do the jobs of a queue until Ctrl-C',
      load: async () => (await import('./worker.ts')).addWorkerCommand,
    },
    jobs: {
      usage: '',
      description: 'show, follow, cancel or retry what was submitted',
      load: async () => (await import('./jobs.ts')).addJobsCommand,
    },
  },
  'Signals and models': {
    'list-signals': {
      usage: '[options]',
      description: 'list the signals, built in and your own, with their parameters and thresholds',
      load: async () => (await import('./list_signals.ts')).addListSignalsCommand,
    },
    signal: {
      usage: '',
      description: 'write, check and watch a signal of your own, or import scores',
      load: async () => (await import('./signal.ts')).addSignalCommand,
    },
    'training-set': {
      usage: '[options] <file>',
      description:
        'write features, labels and folds of an experiment as Parquet, for LightGBM, XGBoost and scikit-learn',
      load: async () => (await import('./training_set.ts')).addTrainingSetCommand,
    },
    model: {
      usage: '',
      description: 'models that other packages trained, as signals',
      load: async () => (await import('./model.ts')).addModelCommand,
    },
    'online-sim': {
      usage: '[options]',
      description: 'stream a dataset through a signal, bin by bin, and measure what each takes',
      load: async () => (await import('./online_sim.ts')).addOnlineSimCommand,
    },
  },
  'Serving and live': {
    promote: {
      usage: '[options] <file>',
      description: 'publish a run as an immutable serving version and point an alias at it',
      load: async () => (await import('./promote.ts')).addPromoteCommand,
    },
    serving: {
      usage: '',
      description: 'show and undo changes of an alias',
      load: async () => (await import('./serving.ts')).addServingCommand,
    },
    'list-servings': {
      usage: '[options]',
      description: 'list the published serving versions and their aliases',
      load: async () => (await import('./list_servings.ts')).addListServingsCommand,
    },
    serve: {
      usage: '[options]',
      description: 'stream published serving versions to the browser',
      load: async () => (await import('./serve.ts')).addServeCommand,
    },
    gateway: {
      usage: '[options]',
      description: 'speak the live protocol from DBN files: practice, demos and tests without a key',
      load: async () => (await import('./gateway.ts')).addGatewayCommand,
    },
  },
  'Files of orders': {
    events: {
      usage: '[options] <file>',
      description: 'find what orders did in a file: stops, sweeps, icebergs, absorption and more',
      load: async () => (await import('./events.ts')).addEventsCommand,
    },
    fills: {
      usage: '[options] <file>',
      description: 'tell which orders would have been filled, in the real queues of a file',
      load: async () => (await import('./fills.ts')).addFillsCommand,
    },
    export: {
      usage: '',
      description: 'write records as another program reads them',
      load: async () => (await import('./export.ts')).addExportCommand,
    },
    dbn: {
      usage: '',
      description: 'look into, convert and edit DBN files',
      load: async () => (await import('./dbn/command.ts')).addDbnCommand,
    },
  },
  Upkeep: {
    doctor: {
      usage: '[options]',
      description: 'check runtime, lake, checksums, registry, downloads, ports and services, and suggest fixes',
      load: async () => (await import('./doctor.ts')).addDoctorCommand,
    },
    cache: {
      usage: '',
      description: 'list, check and clean the book checkpoints, and the passes of orders through the real book',
      load: async () => (await import('./cache.ts')).addCacheCommand,
    },
    'warm-cache': {
      usage: '[options]',
      description: 'make the book checkpoints of a range of sessions, in parallel',
      load: async () => (await import('./warm_cache.ts')).addWarmCacheCommand,
    },
    'cache-output': {
      usage: '[options]',
      description: 'store the frames of a serving version or a pipeline as Parquet',
      load: async () => (await import('./cache_output.ts')).addCacheOutputCommand,
    },
    bench: {
      usage: '[options]',
      description: 'measure how fast this machine replays a session, stage by stage',
      load: async () => (await import('./bench.ts')).addBenchCommand,
    },
  },
};

/** Every command by name. */
export const commands: ReadonlyMap<string, ListedCommand> = new Map(
  Object.entries(groups).flatMap(([group, listed]) =>
    Object.entries(listed).map(([name, command]) => [name, { ...command, group }] as const),
  ),
);
