export type { PublishPhase } from './bundle_files.ts';
export type { BundleManifest } from './bundle_texts.ts';
export { type PublishedBundle, type PublishOptions, publishDataset } from './publish_dataset.ts';
