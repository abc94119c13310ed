import { readFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { canonicalJson, parseFeatureListSpec, sha256Hex } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { openToRead, readError, refuseExisting, sha256File, writeFileAtomic } from '../files/index.ts';
import { formatBytes } from '../format.ts';
import { defaultScoreKind, type Model, maxModelChars, modelScore, readModel, type ScoreKind } from '../models/index.ts';
import { layOutFeatures, type ModelFile, type ModelSignal, type TrainedSession } from '../signals/index.ts';
import { assertSignalName } from '../user_signals/index.ts';
import {
  type TrainingFold,
  type TrainingManifest,
  trainingFormat,
  trainingManifestFile,
  trainingVersion,
} from './training_manifest.ts';

export interface ImportModelOptions {
  /** Model files: one, or one for each fold of a walk-forward, in their order. */
  readonly files: readonly string[];
  readonly name: string;
  /** Folder of the training set. */
  readonly trainingSet: string;
  /** Folder that the signal is written to. */
  readonly folder: string;
  readonly score?: ScoreKind | undefined;
  /** Boosting rounds to evaluate. */
  readonly rounds?: number | undefined;
  /** The fold whose train sessions the one model was trained on, such as `fold_1`; absent: all sessions of the set. */
  readonly fold?: string | undefined;
  /** Replace a signal of that name. */
  readonly force: boolean;
}

export interface ImportedModel {
  readonly written: readonly string[];
  readonly score: ScoreKind;
  readonly models: readonly (Pick<ModelFile, 'name' | 'sha256' | 'from' | 'sessions'> &
    Pick<Model, 'kind' | 'trees' | 'featureCount'>)[];
}

/**
 * Makes models of a training set a signal: a file of the folder of signals, and one beside it that holds the models' text, feature list,
 * and the sessions that each was trained on. @throws USAGE, MODEL_INVALID, CHECKSUM_MISMATCH, FILE_EXISTS, LAKE_NOT_WRITABLE
 */
export async function importModel(options: ImportModelOptions): Promise<ImportedModel> {
  const { files, name, trainingSet, folder, force } = options;
  const root = resolve(folder);
  const [signalPath, dataPath] = [join(root, `${name}.ts`), join(root, `_${name}.model.js`)];
  assertSignalName(name);
  for (const path of [signalPath, dataPath]) refuseExisting(path, { force });
  const set = await readTrainingSet(trainingSet);
  const stretches = stretchesOf(set, options);
  const models: ModelFile[] = [];
  const described: ImportedModel['models'][number][] = [];
  let score = options.score;
  for (const [index, path] of files.entries()) {
    const text = await readModelText(path);
    const file = { name: basename(path), text, ...(options.rounds !== undefined && { rounds: options.rounds }) };
    const model = readModel(file);
    assertFeatures(file.name, model, set.feature_names);
    score ??= defaultScoreKind(model);
    modelScore(file.name, model, score);
    const { from = null, sessions = [] } = stretches[index] ?? {};
    const sha256 = sha256Hex(text);
    models.push({ ...file, sha256, from, sessions });
    const { kind, trees, featureCount } = model;
    described.push({ name: file.name, sha256, from, sessions, kind, trees, featureCount });
  }
  const chosen = score ?? 'margin';
  const kinds = [...new Set(described.map(({ kind }) => kind))].join(', ');
  const data: ModelSignal = {
    name,
    doc: `${kinds} trained on ${set.experiment}: ${scoreTexts[chosen]}`,
    features: set.feature_list,
    score: chosen,
    models,
  };
  await writeFileAtomic(
    dataPath,
    `/* Written by \`spymaster model import\`. */\nexport default ${canonicalJson({ ...data })};\n`,
  );
  await writeFileAtomic(signalPath, signalText(name));
  return { written: [signalPath, dataPath], score: chosen, models: described };
}

const scoreTexts: Readonly<Record<ScoreKind, string>> = {
  probability: '2·P(up) − 1',
  difference: 'P(up) − P(down)',
  margin: 'the margin',
};

function signalText(name: string): string {
  return `/* Written by \`spymaster model import\`; the models, their features and their training sessions are in the file beside it. */
import { defineModelSignal } from 'spymaster/signal';
import model from './_${name}.model.js';

export default defineModelSignal(model);
`;
}

/** A training set whose files are as they were written. */
export async function readTrainingSet(folder: string): Promise<TrainingManifest> {
  const path = join(resolve(folder), trainingManifestFile);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw readError(path, cause);
  });
  const wrong = (why: string, code: 'USAGE' | 'CHECKSUM_MISMATCH' = 'USAGE') =>
    new SpymasterError(
      code,
      `Cannot use the training set ${folder}: ${why}; make it with \`npx spymaster training-set\`.`,
      { path },
    );
  let manifest: TrainingManifest;
  try {
    manifest = JSON.parse(text) as TrainingManifest;
  } catch {
    throw wrong(`${path} is no JSON`);
  }
  if (manifest === null || typeof manifest !== 'object') throw wrong(`${path} is none of a training set`);
  if (manifest.format !== trainingFormat) throw wrong(`${path} is none of a training set`);
  if (manifest.version !== trainingVersion)
    throw wrong(`its version is ${manifest.version}, and this release reads ${trainingVersion}`);
  const missing = manifestProblem(manifest);
  if (missing !== null) throw wrong(`in ${path}, ${missing}`);
  parseFeatureListSpec({ features: manifest.feature_list }, path);
  for (const [name, { sha256 }] of Object.entries(manifest.files)) {
    if ((await sha256File(join(resolve(folder), name))) !== sha256)
      throw wrong(`${name} is not as it was written`, 'CHECKSUM_MISMATCH');
  }
  const names = layOutFeatures(manifest.feature_list).features.map((feature) => feature.name);
  if (names.join() === manifest.feature_names.join()) return manifest;
  throw wrong('its feature list gives other features than its table has', 'CHECKSUM_MISMATCH');
}

/** What is not as a training set has it, of what an import reads; null where all is. */
function manifestProblem({ files, feature_names: names, sessions, folds }: TrainingManifest): string | null {
  const isText = (value: unknown) => typeof value === 'string';
  const areTexts = (values: unknown) => Array.isArray(values) && values.every(isText);
  if (typeof files !== 'object' || files === null || !Object.values(files).every((file) => isText(file?.sha256))) {
    return 'files has no checksums';
  }
  if (!areTexts(names)) return 'feature_names is no list of names';
  if (
    !Array.isArray(sessions) ||
    sessions.length === 0 ||
    !sessions.every((one) => isText(one?.root) && isText(one?.date))
  ) {
    return 'sessions is no list of roots and dates';
  }
  const isFold = (fold: TrainingFold) => isText(fold?.name) && areTexts(fold.train) && areTexts(fold.test);
  return Array.isArray(folds) && folds.every(isFold) ? null : 'folds is no list of names and dates';
}

/** For each file, the sessions that it was trained on, and the date from which on it is asked. */
function stretchesOf(set: TrainingManifest, { files, fold, trainingSet }: ImportModelOptions) {
  const refuse = (why: string): never => {
    throw new SpymasterError('USAGE', `Cannot import models of ${trainingSet}: ${why}.`, { key: 'training-set' });
  };
  if (!set.purged) refuse('its folds are not purged, so that its figures are flattered; make it without --no-purging');
  const root = set.sessions[0]?.root ?? '';
  const sessionsOf = ({ train }: TrainingFold): TrainedSession[] => train.map((date) => ({ root, date }));
  const [first] = files;
  if (files.length > 1) {
    if (fold !== undefined) refuse('several files are of one fold each; leave out --fold');
    if (set.folds_by !== 'walk_forward')
      refuse('several files need a walk-forward; give the experiment eval.split with train_sessions and test_sessions');
    if (files.length !== set.folds.length)
      refuse(
        `it has ${set.folds.length} folds, and there are ${files.length} files; give one for each, in their order`,
      );
    return set.folds.map((one) => ({ from: one.test[0] ?? null, sessions: sessionsOf(one) }));
  }
  if (first === undefined) return refuse('there is no file');
  if (fold === undefined) return [{ from: null, sessions: set.sessions.map(({ date }) => ({ root, date })) }];
  const one = set.folds.find(({ name }) => name === fold);
  if (one === undefined)
    return refuse(
      `there is no fold ${JSON.stringify(fold)}; there are ${set.folds.map(({ name }) => name).join(', ')}`,
    );
  return [{ from: null, sessions: sessionsOf(one) }];
}

/** Names that packages give to columns without a name. */
const namelessFeature = /^(?:Column_|f)\d+$/;

function assertFeatures(file: string, { featureCount, featureNames }: Model, names: readonly string[]): void {
  const fail = (why: string) => {
    throw new SpymasterError(
      'MODEL_INVALID',
      `Cannot use the model ${file}: ${why}; train it on all columns of features.parquet, in their order.`,
      { path: file, key: 'features' },
    );
  };
  if (featureCount !== names.length)
    fail(`it takes ${featureCount} features, and the training set has ${names.length}`);
  if (featureNames === null || featureNames.every((name) => namelessFeature.test(name))) return;
  const wrong = names.findIndex((name, index) => featureNames[index] !== name);
  if (wrong >= 0)
    fail(`its feature ${wrong + 1} is ${featureNames[wrong]}, and that of the training set ${names[wrong]}`);
}

async function readModelText(path: string): Promise<string> {
  if (extname(path) === '.ubj') {
    throw new SpymasterError(
      'MODEL_INVALID',
      `Cannot use the model ${path}: it is UBJSON; save it as .json: booster.save_model("model.json").`,
      { path, key: 'format' },
    );
  }
  const { file, sizeBytes } = await openToRead(path);
  try {
    if (sizeBytes <= maxModelChars) return await file.readFile('utf8');
  } catch (cause) {
    throw readError(path, cause as NodeJS.ErrnoException);
  } finally {
    await file.close();
  }
  throw new SpymasterError(
    'MODEL_INVALID',
    `Cannot use the model ${path}: it has ${formatBytes(sizeBytes)}, and at most ${formatBytes(maxModelChars)} are read; train a smaller model.`,
    { path, key: 'size' },
  );
}
