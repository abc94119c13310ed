import type { ColumnName } from '../../../src/engine/index.ts';
import { colourCount } from '../../shared/colour/colour_maps.ts';
import type { ColourScale } from '../model/colour_scale.ts';
import { blockBins, blockRows, type Level, levelFor, reduceBlock } from '../model/level_of_detail.ts';
import type { SessionStore } from '../model/session_store.ts';
import type { Viewport } from '../model/viewport.ts';
import { ColumnTexture, integerTexels, pairTexels, scalarTexels } from './column_texture.ts';
import { fragmentShader, vertexShader } from './heatmap_shader.ts';
import { linkProgram, uniformLocations } from './program.ts';

/** Colours of what is no value, as sRGB in [0, 1]. */
export interface HeatmapInk {
  /** Where bins have not arrived. */
  readonly noData: readonly [number, number, number];
  /** Where a bin's window does not reach. */
  readonly outside: readonly [number, number, number];
  readonly hatch: readonly [number, number, number];
}

export interface HeatmapDrawing {
  readonly view: Viewport;
  readonly scale: ColourScale;
  readonly ink: HeatmapInk;
  /** Device pixels per CSS pixel. */
  readonly pixelRatio: number;
  readonly hatchInvalid: boolean;
}

const levels = [1, 2, 3] as const satisfies readonly Level[];
const flagInvalid = 1;
const flagOverflow = 2;

/** One layer of a session on the GPU, with its levels of detail: values in, pixels out. */
export class Heatmap {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #uniforms: Map<string, WebGLUniformLocation>;
  readonly #store: SessionStore;
  #column: ColumnName;
  readonly #bins: ColumnTexture;
  readonly #cells: ColumnTexture;
  readonly #blocks: readonly ColumnTexture[];
  readonly #extremes: readonly ColumnTexture[];
  readonly #colours: WebGLTexture;
  readonly #blockRows: number;
  readonly #cellScratch: Float32Array;
  readonly #blockScratch: Float32Array;
  readonly #recordScratch = new Int32Array(4);

  /** Throws when the browser's GPU cannot hold the session. */
  constructor(gl: WebGL2RenderingContext, store: SessionStore, column: ColumnName) {
    const { rows } = store.contract;
    this.#gl = gl;
    this.#store = store;
    this.#column = column;
    this.#program = linkProgram(gl, vertexShader, fragmentShader);
    this.#uniforms = uniformLocations(gl, this.#program);
    this.#blockRows = blockRows(rows);
    this.#bins = new ColumnTexture(gl, integerTexels, store.capacity, 1);
    this.#cells = new ColumnTexture(gl, scalarTexels, store.capacity, rows);
    const blocksOf = (level: Level) => Math.ceil(store.capacity / blockBins[level]);
    this.#blocks = levels.map((level) => new ColumnTexture(gl, integerTexels, blocksOf(level), 1));
    this.#extremes = levels.map((level) => new ColumnTexture(gl, pairTexels, blocksOf(level), this.#blockRows));
    this.#colours = gl.createTexture();
    this.#cellScratch = new Float32Array(rows);
    this.#blockScratch = new Float32Array(2 * this.#blockRows);
    this.reload();
  }

  /** Shows another column of all bins held. */
  setColumn(column: ColumnName): void {
    if (column === this.#column) return;
    this.#column = column;
    this.reload();
  }

  /** Uploads all bins that the store holds, in as few calls as there are lines of columns. */
  reload(): void {
    const { capacity } = this.#store;
    uploadAll(this.#bins, capacity, 4, (slot) => this.#binRecord(this.#store.seqAt(slot)));
    uploadAll(this.#cells, capacity, 1, (slot) => {
      const seq = this.#store.seqAt(slot);
      return seq < 0 ? null : this.#cellsOf(seq);
    });
    for (const level of levels) {
      const blocks = Math.ceil(capacity / blockBins[level]);
      // A block's record and its cells come from one reduction, and go to two textures.
      const records = new Int32Array(4 * blocks).fill(-1);
      uploadAll(this.#extremes[level - 1]!, blocks, 2, (slot) => {
        const block = this.#blockAt(level, slot);
        if (block < 0) return null;
        records.set(this.#reduce(level, block), 4 * slot);
        return this.#blockScratch;
      });
      uploadAll(this.#blocks[level - 1]!, blocks, 4, (slot) => records.subarray(4 * slot, 4 * slot + 4));
    }
  }

  /** Uploads one bin that the store holds, and the blocks that it belongs to. */
  put(seq: number): void {
    const { capacity } = this.#store;
    this.#cells.write(seq % capacity, this.#cellsOf(seq));
    this.#bins.write(seq % capacity, this.#binRecord(seq));
    for (const level of levels) {
      const block = Math.floor(seq / blockBins[level]);
      const slot = block % Math.ceil(capacity / blockBins[level]);
      this.#blocks[level - 1]!.write(slot, this.#reduce(level, block));
      this.#extremes[level - 1]!.write(slot, this.#blockScratch);
    }
  }

  /** Texels of a bin's cells; valid until the next call. */
  #cellsOf(seq: number): Float32Array {
    const cells = this.#cellScratch;
    if (!this.#store.copyCells(this.#column, seq, cells, 0)) cells.fill(Number.NaN);
    return cells;
  }

  /** Texel that says what a bin's column holds; valid until the next call. */
  #binRecord(seq: number): Int32Array {
    const record = this.#recordScratch;
    record[0] = seq;
    record[1] = this.#store.baseTick(seq);
    record[2] = this.#store.bin('bookValid', seq) === 0 ? flagInvalid : 0;
    record[3] = 0;
    return record;
  }

  /** The block whose bins lie in the slots of a block's slot; −1 when none is held. */
  #blockAt(level: Level, slot: number): number {
    const size = blockBins[level];
    let newest = -1;
    for (let at = slot * size; at < (slot + 1) * size; at++) newest = Math.max(newest, this.#store.seqAt(at));
    return newest < 0 ? -1 : Math.floor(newest / size);
  }

  /** Reduces a block into the block scratch; returns the texel that says what it holds, valid until the next call. */
  #reduce(level: Level, block: number): Int32Array {
    const record = this.#recordScratch;
    record.fill(-1);
    const cells = this.#blockScratch;
    const extent = reduceBlock(this.#store, this.#column, level, block, this.#blockRows, cells, this.#cellScratch);
    if (!extent.anyBin) return record;
    record[0] = block;
    record[1] = extent.lowTick;
    record[2] = extent.endTick;
    record[3] = (extent.anyInvalid ? flagInvalid : 0) | (extent.overflow ? flagOverflow : 0);
    return record;
  }

  /** Takes the RGBA bytes of a colour table. */
  setColours(table: Uint8Array): void {
    const gl = this.#gl;
    gl.bindTexture(gl.TEXTURE_2D, this.#colours);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, colourCount, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, table);
    for (const parameter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, parameter, gl.NEAREST);
    }
  }

  /** Draws into the whole drawing buffer. */
  draw({ view, scale, ink, pixelRatio, hatchInvalid }: HeatmapDrawing): void {
    const gl = this.#gl;
    const level = levelFor(view.binsPerPx / pixelRatio);
    const detail = Math.max(level - 1, 0);
    const blocks = this.#blocks[detail]!;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.useProgram(this.#program);
    const textures = [this.#bins, this.#cells, blocks, this.#extremes[detail]!].map(({ texture }) => texture);
    for (const [unit, texture] of [...textures, this.#colours].entries()) {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
    }
    const at = (name: string) => this.#uniforms.get(name) ?? null;
    for (const [unit, name] of ['bins', 'cells', 'blocks', 'extremes', 'colours'].entries())
      gl.uniform1i(at(name), unit);
    const [left, top] = [Math.floor(view.left), Math.floor(view.top)];
    gl.uniform2i(at('origin'), left, top);
    gl.uniform2f(at('originFraction'), view.left - left, view.top - top);
    gl.uniform2f(at('step'), view.binsPerPx / pixelRatio, view.ticksPerPx / pixelRatio);
    gl.uniform1f(at('heightPx'), gl.drawingBufferHeight);
    gl.uniform1i(at('rows'), this.#store.contract.rows);
    gl.uniform1i(at('blockRows'), this.#blockRows);
    gl.uniform1i(at('binCapacity'), this.#store.capacity);
    gl.uniform1i(at('binWidth'), this.#bins.width);
    gl.uniform1i(at('cellWidth'), this.#cells.width);
    gl.uniform1i(at('blockBins'), blockBins[level]);
    gl.uniform1i(at('blockCapacity'), Math.ceil(this.#store.capacity / blockBins[Math.max(level, 1) as Level]));
    gl.uniform1i(at('blockWidth'), blocks.width);
    gl.uniform1i(at('extremeWidth'), this.#extremes[detail]!.width);
    gl.uniform1i(at('kind'), scale.kind === 'sequential' ? 1 : 0);
    gl.uniform4f(at('scale'), scale.low, scale.high, scale.gamma, scale.contrast);
    gl.uniform3f(at('noDataColour'), ...ink.noData);
    gl.uniform3f(at('outsideColour'), ...ink.outside);
    gl.uniform3f(at('hatchColour'), ...ink.hatch);
    gl.uniform1f(at('hatchPx'), pixelRatio);
    gl.uniform1i(at('hatchInvalid'), hatchInvalid ? 1 : 0);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  delete(): void {
    for (const texture of [this.#bins, this.#cells, ...this.#blocks, ...this.#extremes]) texture.delete();
    this.#gl.deleteTexture(this.#colours);
    this.#gl.deleteProgram(this.#program);
  }
}

/** Uploads `count` columns whose texels of `size` numbers a row `columnAt` gives; lines without a column stay. */
function uploadAll(
  target: ColumnTexture,
  count: number,
  size: number,
  columnAt: (slot: number) => Float32Array | Int32Array | null,
): void {
  const { width, rows } = target;
  let line: Float32Array | Int32Array | null = null;
  let isFilled = false;
  for (let slot = 0; slot < count; slot++) {
    const column = columnAt(slot);
    const x = slot % width;
    if (column !== null) {
      line ??=
        column instanceof Int32Array ? new Int32Array(width * rows * size) : new Float32Array(width * rows * size);
      isFilled = true;
      for (let row = 0; row < rows; row++) {
        for (let part = 0; part < size; part++) line[(row * width + x) * size + part] = column[row * size + part]!;
      }
    }
    if (x < width - 1 && slot < count - 1) continue;
    if (isFilled) target.writeLine(Math.floor(slot / width), line!);
    isFilled = false;
  }
}
