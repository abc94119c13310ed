export type { PublishPhase } from './bundle_files.ts';
export { type PublishedBundle, publishDataset } from './publish_dataset.ts';
