export { type ImportedModel, importModel, readTrainingSet } from './import_model.ts';
export { makeTrainingSet, type TrainingSetOptions } from './make_training_set.ts';
export type { TrainingManifest } from './training_manifest.ts';
