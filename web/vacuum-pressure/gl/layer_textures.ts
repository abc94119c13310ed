import type { ColumnName } from '../../../src/engine/index.ts';
import type { SessionStore } from '../session/session_store.ts';
import { blockBins, blockRows, type Level, type Reduction, reduceBlock } from '../viewport/level_of_detail.ts';
import { ColumnTexture, integerTexels, pairTexels, scalarTexels } from './column_texture.ts';

/** Levels that sum up blocks of bins. */
export type BlockLevel = Exclude<Level, 0>;
const blockLevels = [1, 2, 3] as const satisfies readonly BlockLevel[];

export const flagInvalid = 1;
const flagOverflow = 2;

/** Blocks of one level on the GPU: what each holds, and the pair of `reduceBlock` of each of its ticks. */
interface BlockTextures {
  readonly count: number;
  readonly records: ColumnTexture;
  /** The texels of `records`; −1 where no block is held. */
  readonly recordTexels: Int32Array;
  readonly pairs: ColumnTexture;
  readonly stale: Uint8Array;
}

/**
 * The values of one layer on the GPU, with their levels of detail. After a change of column everything is stale: what is to
 * be seen is filled before it is drawn, the rest by and by, a line of columns at a time.
 */
export class LayerTextures {
  readonly blockRows: number;
  readonly cells: ColumnTexture;
  readonly #staleCells: Uint8Array;
  readonly #levels: readonly BlockTextures[];
  readonly #store: SessionStore;
  #column: ColumnName;
  #reduction: Reduction;
  readonly #cellScratch: Float32Array;
  readonly #blockScratch: Float32Array;
  readonly #recordScratch = new Int32Array(4);

  /** Throws when the GPU cannot hold the session. */
  constructor(gl: WebGL2RenderingContext, store: SessionStore, column: ColumnName, reduction: Reduction) {
    const { rows } = store.contract;
    const { capacity } = store;
    this.#store = store;
    this.#column = column;
    this.#reduction = reduction;
    this.blockRows = blockRows(rows);
    this.cells = new ColumnTexture(gl, scalarTexels, capacity, rows);
    this.#staleCells = new Uint8Array(this.cells.lines).fill(1);
    this.#levels = blockLevels.map((level) => {
      const count = Math.ceil(capacity / blockBins[level]);
      const records = new ColumnTexture(gl, integerTexels, count, 1);
      const pairs = new ColumnTexture(gl, pairTexels, count, this.blockRows);
      const recordTexels = new Int32Array(4 * records.width * records.lines).fill(-1);
      return { count, records, recordTexels, pairs, stale: new Uint8Array(pairs.lines).fill(1) };
    });
    this.#cellScratch = new Float32Array(rows);
    this.#blockScratch = new Float32Array(2 * this.blockRows);
  }

  blocks(level: BlockLevel): BlockTextures {
    return this.#levels[level - 1]!;
  }

  /** Shows another column; false when it is the same one. */
  setColumn(column: ColumnName, reduction: Reduction): boolean {
    if (column === this.#column) return false;
    this.#column = column;
    this.#reduction = reduction;
    this.markStale();
    return true;
  }

  /** The store has changed in many places. */
  markStale(): void {
    this.#staleCells.fill(1);
    for (const { stale } of this.#levels) stale.fill(1);
  }

  /** Takes over one bin that the store holds, where it is not stale anyway. */
  put(seq: number): void {
    const slot = seq % this.#store.capacity;
    if (this.#staleCells[this.cells.lineOf(slot)] === 0) this.cells.write(slot, this.#cellsOf(seq));
    for (const level of blockLevels) {
      const { count, records, recordTexels, pairs, stale } = this.blocks(level);
      const block = Math.floor(seq / blockBins[level]);
      const blockSlot = block % count;
      if (stale[pairs.lineOf(blockSlot)] !== 0) continue;
      recordTexels.set(this.#reduce(level, block), 4 * blockSlot);
      records.write(blockSlot, this.#recordScratch);
      pairs.write(blockSlot, this.#blockScratch);
    }
  }

  /** Fills what is needed to draw bins [first, end) at a level. */
  fill(level: Level, first: number, end: number): void {
    const store = this.#store;
    const from = Math.max(first, store.oldest);
    const to = Math.min(end, store.newest + 1);
    if (level === 0) {
      this.#fillCells(from, to);
      return;
    }
    const { count, recordTexels, pairs, stale } = this.blocks(level);
    const size = blockBins[level];
    for (let block = Math.floor(from / size); block * size < to; block++) {
      const line = pairs.lineOf(block % count);
      if (stale[line] !== 0) this.#fillBlockLine(level, line);
      // Spot wandered too far for the block: it is drawn from its bins.
      if (recordTexels[4 * (block % count) + 3]! & flagOverflow) this.#fillCells(block * size, (block + 1) * size);
    }
  }

  /** Fills one line that is stale; false when there was none. */
  fillNext(): boolean {
    const line = this.#staleCells.indexOf(1);
    if (line >= 0) {
      this.#fillCellLine(line);
      return true;
    }
    for (const level of blockLevels) {
      const blockLine = this.blocks(level).stale.indexOf(1);
      if (blockLine < 0) continue;
      this.#fillBlockLine(level, blockLine);
      return true;
    }
    return false;
  }

  delete(): void {
    this.cells.delete();
    for (const { records, pairs } of this.#levels) {
      records.delete();
      pairs.delete();
    }
  }

  #fillCells(first: number, end: number): void {
    for (let seq = first; seq < end; ) {
      const slot = seq % this.#store.capacity;
      const line = this.cells.lineOf(slot);
      if (this.#staleCells[line] !== 0) this.#fillCellLine(line);
      seq += Math.min((line + 1) * this.cells.width, this.#store.capacity) - slot;
    }
  }

  #fillCellLine(line: number): void {
    const { width, rows } = this.cells;
    const texels = new Float32Array(width * rows);
    const firstSlot = line * width;
    let any = false;
    for (let x = 0; x < width && firstSlot + x < this.#store.capacity; x++) {
      const seq = this.#store.seqAt(firstSlot + x);
      if (seq < 0) continue;
      any = true;
      const cells = this.#cellsOf(seq);
      for (let row = 0, at = x; row < rows; row++, at += width) texels[at] = cells[row]!;
    }
    if (any) this.cells.writeLine(line, texels);
    this.#staleCells[line] = 0;
  }

  #fillBlockLine(level: BlockLevel, line: number): void {
    const { count, records, recordTexels, pairs, stale } = this.blocks(level);
    const { width } = pairs;
    const texels = new Float32Array(2 * width * this.blockRows);
    const firstSlot = line * width;
    const endSlot = Math.min(firstSlot + width, count);
    let any = false;
    for (let slot = firstSlot; slot < endSlot; slot++) {
      const block = this.#blockAt(level, slot);
      if (block < 0) continue;
      any = true;
      recordTexels.set(this.#reduce(level, block), 4 * slot);
      const texelsOfBlock = this.#blockScratch;
      for (let row = 0, at = 2 * (slot - firstSlot); row < this.blockRows; row++, at += 2 * width) {
        texels[at] = texelsOfBlock[2 * row]!;
        texels[at + 1] = texelsOfBlock[2 * row + 1]!;
      }
    }
    stale[line] = 0;
    if (!any) return;
    pairs.writeLine(line, texels);
    for (let each = records.lineOf(firstSlot); each <= records.lineOf(endSlot - 1); each++) {
      records.writeLine(each, recordTexels.subarray(4 * each * records.width, 4 * (each + 1) * records.width));
    }
  }

  /** Texels of a bin's cells; valid until the next call. */
  #cellsOf(seq: number): Float32Array {
    const cells = this.#cellScratch;
    if (!this.#store.copyCells(this.#column, seq, cells, 0)) cells.fill(Number.NaN);
    return cells;
  }

  /** The block whose bins lie in the slots of a block's slot; −1 when none is held. */
  #blockAt(level: BlockLevel, slot: number): number {
    const size = blockBins[level];
    let newest = -1;
    for (let at = slot * size; at < (slot + 1) * size; at++) newest = Math.max(newest, this.#store.seqAt(at));
    return newest < 0 ? -1 : Math.floor(newest / size);
  }

  /** Reduces a block into the block scratch; returns the texel that says what it holds, valid until the next call. */
  #reduce(level: BlockLevel, block: number): Int32Array {
    const record = this.#recordScratch.fill(-1);
    const cells = this.#blockScratch;
    const extent = reduceBlock(
      this.#store,
      this.#column,
      this.#reduction,
      level,
      block,
      this.blockRows,
      cells,
      this.#cellScratch,
    );
    if (!extent.anyBin) return record;
    record[0] = block;
    record[1] = extent.lowTick;
    record[2] = extent.endTick;
    record[3] = (extent.anyInvalid ? flagInvalid : 0) | (extent.overflow ? flagOverflow : 0);
    return record;
  }
}
