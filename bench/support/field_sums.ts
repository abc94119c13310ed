import { mboWord, type RecordBatch } from '../../src/dbn/index.ts';

/** Sums of the fields that a book reads, by 32-bit words, wrapping: price, size, side, action, time of the event. */
export class FieldSums {
  readonly words = new Int32Array(7);

  add({ words, count, recordBytes }: RecordBatch): void {
    const stride = recordBytes >>> 2;
    let [priceLo, priceHi, size, side, action, timeLo, timeHi] = this.words;
    for (let at = 0, end = count * stride; at < end; at += stride) {
      const packed = words[at + mboWord.flagsChannelActionSide]!;
      priceLo = (priceLo! + words[at + mboWord.priceLo]!) | 0;
      priceHi = (priceHi! + words[at + mboWord.priceHi]!) | 0;
      size = (size! + words[at + mboWord.size]!) | 0;
      side = (side! + (packed >>> 24)) | 0;
      action = (action! + ((packed >>> 16) & 0xff)) | 0;
      timeLo = (timeLo! + words[at + mboWord.tsEventLo]!) | 0;
      timeHi = (timeHi! + words[at + mboWord.tsEventHi]!) | 0;
    }
    this.words.set([priceLo!, priceHi!, size!, side!, action!, timeLo!, timeHi!]);
  }
}
