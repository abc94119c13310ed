export { type OpenRecordsOptions, openRecords, type RecordSource } from './records.ts';
