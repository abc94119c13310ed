import { layouts, rtype } from '../../src/dbn/index.ts';

/** A definition that says nothing but whose it is, and its match algorithm. */
export function emptyDefinition(instrumentId: number, matchAlgorithm: string): Uint8Array {
  const { definitionV3: layout } = layouts;
  const record = Buffer.alloc(layout.recordBytes);
  record[0] = layout.recordBytes / 4;
  record[1] = rtype.definition;
  record.writeUInt16LE(1, 2);
  record.writeUInt32LE(instrumentId, 4);
  const field = layout.fields.find(({ name }) => name === 'matchAlgorithm') as { readonly offset: number };
  record.write(matchAlgorithm, field.offset);
  return record;
}
