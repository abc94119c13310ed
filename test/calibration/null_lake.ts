import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planSession, writeSyntheticSession } from '../../src/cli/session_file.ts';
import { Lake, readInstrument, SpecFiles } from '../../src/lake/index.ts';
import { type ExperimentReport, runExperiment } from '../../src/sweep/index.ts';

/** All signals: what an experiment of the null market sweeps. */
export const sweptSignals = ['derivative', 'ads', 'erd', 'iirc', 'jad', 'msd', 'pfp', 'pva', 'spg'] as const;

/** What a trade costs: half the spread at entry and at exit, or nothing. */
export type Costs = 'half' | 'none';

/** Trading days, as many as a walk-forward of two days for one needs to test ten. */
export const nullDates = [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 17, 18].map(
  (day) => `2026-02-${String(day).padStart(2, '0')}`,
);

const symbol = 'MNQH6';
const start = '09:30';
/**
 * The shortest in which trials are tested: 2,400 bins, of which 2,100 after the warm-up make 32 blocks of three holds. The
 * grid is the narrowest that every signal reads.
 */
const minutes = 4;
const recordsPerS = 200;
const radius = 24;

/** A lake of its own in the temporary folder, with a file of the market `null` on each of `dates`. */
export class NullLake {
  readonly #lake: Lake;
  readonly #specs: string;

  private constructor(root: string) {
    this.#lake = new Lake(root);
    this.#specs = join(root, 'specs');
  }

  /** Sessions are those of the seeds from `firstSeed` on. */
  static async create(dates: readonly string[], firstSeed: number): Promise<NullLake> {
    const lake = new NullLake(mkdtempSync(join(tmpdir(), 'spymaster-calibration-')));
    const folder = lake.#lake.rawFolder('future_mbo', symbol);
    mkdirSync(folder, { recursive: true });
    for (const [day, date] of dates.entries()) {
      const path = join(folder, `${symbol.toLowerCase()}-${date.replaceAll('-', '')}.mbo.dbn`);
      const seed = firstSeed + day;
      const request = { profile: 'null', seed, symbol, date, start, minutes, rate: recordsPerS } as const;
      await writeSyntheticSession(path, planSession(request));
    }
    const end = `09:${30 + minutes}`;
    lake.#write(
      'pipelines/short.yaml',
      `name: short
pipeline_code_version: 1
capture: { product_type: future_mbo, symbol: ${symbol}, start_time: "${start}", end_time: "${end}" }
pipeline: { grid_radius_ticks: ${radius} }
`,
    );
    lake.#write('serving/null_market.yaml', 'name: null_market\npipeline: short\nsignal: { name: derivative }\n');
    return lake;
  }

  /** Runs an experiment of all signals on these days, as `spymaster run` does. Trades overlap: a hold is four cooldowns. */
  async run(name: string, dates: readonly string[], costs: Costs): Promise<ExperimentReport> {
    const path = this.#write(
      `experiments/${name}.yaml`,
      `name: ${name}
serving: null_market
signals: [${sweptSignals.join(', ')}]
sessions: { dates: [${dates.map((date) => `"${date}"`).join(', ')}] }
eval:
  tp_ticks: [2, 4]
  sl_ticks: [2, 4]
  max_hold_bins: 20
  warmup_bins: 300
  cooldown_bins: 5
  spread_cost: ${costs}
  split: { train_sessions: 2, test_sessions: 1 }
`,
    );
    const instrument = await readInstrument(fileURLToPath(new URL('../../configs/instrument.yaml', import.meta.url)));
    return await runExperiment({
      lake: this.#lake,
      experiment: await new SpecFiles(this.#lake, instrument).anyExperiment(path),
      defaultWorkers: 1,
      memoryBytes: 1e9,
      keepGoing: false,
      force: false,
      codeVersion: 'calibration',
      now: () => new Date(),
      notice: () => {},
    });
  }

  remove(): void {
    rmSync(this.#lake.root, { recursive: true, force: true });
  }

  #write(name: string, text: string): string {
    const path = join(this.#specs, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }
}
