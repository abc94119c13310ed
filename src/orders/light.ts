export {
  dependsOnPriorDay,
  type FeatureColumn,
  type FeatureKind,
  featureColumns,
  featureIndex,
  featureLevels,
} from './features/columns.ts';
