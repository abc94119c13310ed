export type { Bin, SignalState } from './bin.ts';
export {
  type ColumnName,
  type ColumnType,
  createGridFrame,
  type GridFrame,
  type GridFrameColumns,
  gridColumns,
} from './frame.ts';
