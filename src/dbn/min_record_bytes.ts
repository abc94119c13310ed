import { headerBytes, rtype } from './codes.ts';

/** Least bytes that a record of each rtype (the index) has in any version; a header for types that are not known. */
export const minRecordBytes: Readonly<Uint16Array> = (() => {
  const sizes = new Uint16Array(256).fill(headerBytes);
  sizes[rtype.mbo] = 56;
  sizes[rtype.mbp0] = 48;
  sizes[rtype.mbp10] = 368;
  for (const type of [rtype.mbp1, rtype.cmbp1, rtype.cbbo1s, rtype.cbbo1m, rtype.tcbbo, rtype.bbo1s, rtype.bbo1m]) {
    sizes[type] = 80;
  }
  const { ohlcvDeprecated, ohlcv1s, ohlcv1m, ohlcv1h, ohlcv1d, ohlcvEod } = rtype;
  for (const type of [ohlcvDeprecated, ohlcv1s, ohlcv1m, ohlcv1h, ohlcv1d, ohlcvEod]) sizes[type] = 56;
  sizes[rtype.status] = 40;
  sizes[rtype.definition] = 360;
  sizes[rtype.imbalance] = 112;
  sizes[rtype.error] = 80;
  sizes[rtype.symbolMapping] = 80;
  sizes[rtype.system] = 80;
  sizes[rtype.statistics] = 64;
  return sizes;
})();
