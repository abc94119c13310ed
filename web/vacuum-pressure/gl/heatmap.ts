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
    this.#forgetAll();
  }

  /** Texels start as 0, which would read as bin 0: say that nothing is there. */
  #forgetAll(): void {
    for (const records of [this.#bins, ...this.#blocks]) records.fill(new Int32Array(4 * records.width).fill(-1));
  }

  /** Shows another column of all bins held. */
  setColumn(column: ColumnName): void {
    if (column === this.#column) return;
    this.#column = column;
    this.reload();
  }

  /** Uploads all bins that the store holds. */
  reload(): void {
    const store = this.#store;
    for (let seq = store.oldest; seq <= store.newest; seq++) if (store.has(seq)) this.#putCells(seq);
    for (const level of levels) {
      const size = blockBins[level];
      for (let block = Math.floor(store.oldest / size); block <= store.newest / size; block++)
        this.#putBlock(level, block);
    }
  }

  /** Uploads one bin that the store holds, and the blocks that it belongs to. */
  put(seq: number): void {
    this.#putCells(seq);
    for (const level of levels) this.#putBlock(level, Math.floor(seq / blockBins[level]));
  }

  #putCells(seq: number): void {
    const store = this.#store;
    const slot = seq % store.capacity;
    const record = this.#recordScratch;
    const held = store.copyCells(this.#column, seq, this.#cellScratch, 0);
    if (!held) this.#cellScratch.fill(Number.NaN);
    this.#cells.write(slot, this.#cellScratch);
    record[0] = seq;
    record[1] = store.baseTick(seq);
    record[2] = store.bin('bookValid', seq) === 0 ? flagInvalid : 0;
    this.#bins.write(slot, record);
  }

  #putBlock(level: (typeof levels)[number], block: number): void {
    const { capacity } = this.#store;
    const slot = block % Math.ceil(capacity / blockBins[level]);
    const record = this.#recordScratch;
    const cells = this.#blockScratch;
    const extent = reduceBlock(this.#store, this.#column, level, block, this.#blockRows, cells, this.#cellScratch);
    record[0] = extent.anyBin ? block : -1;
    record[1] = extent.lowTick;
    record[2] = extent.endTick;
    record[3] = (extent.anyInvalid ? flagInvalid : 0) | (extent.overflow ? flagOverflow : 0);
    this.#blocks[level - 1]!.write(slot, record);
    if (!extent.overflow && extent.endTick > extent.lowTick) this.#extremes[level - 1]!.write(slot, cells);
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
