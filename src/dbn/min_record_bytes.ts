import { headerBytes } from './codes.ts';
import { layouts } from './layouts/index.ts';

/** Least bytes that a record of each rtype (the index) has in any version; a header for types that are not known. */
export const minRecordBytes: Readonly<Uint16Array> = (() => {
  const sizes = new Uint16Array(256).fill(headerBytes);
  for (const { rtypes, recordBytes } of Object.values(layouts)) {
    for (const type of rtypes)
      sizes[type] = sizes[type] === headerBytes ? recordBytes : Math.min(sizes[type]!, recordBytes);
  }
  return sizes;
})();
