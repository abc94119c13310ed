import type { ColumnName } from '../../../src/engine/index.ts';
import { colourCount } from '../../shared/colour/colour_maps.ts';
import { bookColumns, bookRows, sampleBins } from '../session/book_depth.ts';
import type { Session } from '../session/session.ts';
import type { SessionStore } from '../session/session_store.ts';
import type { ColourScale } from '../viewport/colour_scale.ts';
import { hatchingKinds, hatchings } from '../viewport/hatching.ts';
import type { Layer } from '../viewport/layers.ts';
import { blockBins, levelFor, reductionOf } from '../viewport/level_of_detail.ts';
import { type Viewport, visibleBins } from '../viewport/viewport.ts';
import { BookTextures } from './book_textures.ts';
import { ColumnTexture, integerTexels } from './column_texture.ts';
import fragmentShader from './heatmap.frag.glsl?raw';
import vertexShader from './heatmap.vert.glsl?raw';
import { type BlockLevel, flagInvalid, LayerTextures } from './layer_textures.ts';
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

/** The shader's textures, in the order of their units. */
const samplers = [
  ...['bins', 'cells', 'blocks', 'pairs'],
  ...['recentColumns', 'recentSizes', 'sampleColumns', 'sampleSizes', 'colours'],
];

/** Of each hatching, in the order in which the shader numbers them. */
const hatchingSpacings = hatchingKinds.map((kind) => hatchings[kind].spacingPx);
const hatchingStrengths = hatchingKinds.map((kind) => hatchings[kind].strength);

/** Layers that the book goes on with beyond the window: both sides, the bids, or the asks. */
const bookSides: Readonly<Partial<Record<ColumnName, number>>> = { rest_depth: 1, bid_depth: 2, ask_depth: 3 };

/** One layer of a session on the GPU, with its levels of detail: values in, pixels out. */
export class Heatmap {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #uniforms: Map<string, WebGLUniformLocation>;
  readonly #store: SessionStore;
  readonly #bins: ColumnTexture;
  readonly #layer: LayerTextures;
  readonly #book: BookTextures;
  #bookSides: number;
  readonly #colours: WebGLTexture;

  /** Throws when the browser's GPU cannot hold the session. */
  constructor(gl: WebGL2RenderingContext, { store, book }: Session, { column, kind }: Layer) {
    this.#gl = gl;
    this.#store = store;
    this.#program = linkProgram(gl, vertexShader, fragmentShader);
    this.#uniforms = uniformLocations(gl, this.#program);
    this.#bins = new ColumnTexture(gl, integerTexels, store.capacity, 1);
    this.#layer = new LayerTextures(gl, store, column, reductionOf(kind));
    this.#book = new BookTextures(gl, book);
    this.#bookSides = bookSides[column] ?? 0;
    this.#colours = gl.createTexture();
    this.reload();
  }

  /** Shows another layer of all bins held. */
  setLayer({ column, kind }: Layer): void {
    this.#layer.setColumn(column, reductionOf(kind));
    this.#bookSides = bookSides[column] ?? 0;
  }

  /** Takes over all bins that the store holds. */
  reload(): void {
    const { width, lines } = this.#bins;
    for (let line = 0; line < lines; line++) {
      const records = new Int32Array(4 * width);
      let any = false;
      for (let x = 0; x < width && line * width + x < this.#store.capacity; x++) {
        const seq = this.#store.seqAt(line * width + x);
        any ||= seq >= 0;
        records.set(this.#binRecord(seq), 4 * x);
      }
      if (any) this.#bins.writeLine(line, records);
    }
    this.#layer.markStale();
  }

  /** Takes over one bin that the store holds, and the blocks that it belongs to. */
  put(seq: number): void {
    this.#bins.write(seq % this.#store.capacity, this.#binRecord(seq));
    this.#layer.put(seq);
  }

  /** Makes a part ready that nobody looks at yet; false when all is. */
  fillNext(): boolean {
    return this.#layer.fillNext();
  }

  /** Texel that says what a bin's column holds; all −1 for no bin. */
  #binRecord(seq: number): Int32Array {
    const store = this.#store;
    if (seq < 0) return Int32Array.of(-1, -1, -1, -1);
    return Int32Array.of(seq, store.baseTick(seq), store.bin('bookValid', seq) === 0 ? flagInvalid : 0, 0);
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
    const blockLevel = Math.max(level, 1) as BlockLevel;
    const layer = this.#layer;
    layer.fill(level, ...visibleBins(view));
    const { count, records, pairs } = layer.blocks(blockLevel);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.useProgram(this.#program);
    if (this.#bookSides !== 0) this.#book.sync();
    const { recent, samples } = this.#book;
    const books = [recent.records, recent.sizes, samples.records, samples.sizes];
    const textures = [this.#bins, layer.cells, records, pairs, ...books].map(({ texture }) => texture);
    for (const [unit, texture] of [...textures, this.#colours].entries()) {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
    }
    const at = (name: string) => this.#uniforms.get(name) ?? null;
    for (const [unit, name] of samplers.entries()) gl.uniform1i(at(name), unit);
    const [left, top] = [Math.floor(view.left), Math.floor(view.top)];
    gl.uniform2i(at('origin'), left, top);
    gl.uniform2f(at('originFraction'), view.left - left, view.top - top);
    gl.uniform2f(at('step'), view.binsPerPx / pixelRatio, view.ticksPerPx / pixelRatio);
    gl.uniform1f(at('heightPx'), gl.drawingBufferHeight);
    gl.uniform1i(at('rows'), this.#store.contract.rows);
    gl.uniform1i(at('blockRows'), layer.blockRows);
    gl.uniform1i(at('binCapacity'), this.#store.capacity);
    gl.uniform1i(at('binWidth'), this.#bins.width);
    gl.uniform1i(at('cellWidth'), layer.cells.width);
    gl.uniform1i(at('blockBins'), blockBins[level]);
    gl.uniform1i(at('blockCapacity'), count);
    gl.uniform1i(at('blockWidth'), records.width);
    gl.uniform1i(at('pairWidth'), pairs.width);
    gl.uniform1i(at('bookSides'), this.#bookSides);
    gl.uniform1i(at('bookRows'), bookRows);
    gl.uniform1i(at('bookColumns'), bookColumns);
    gl.uniform1i(at('bookRecordWidth'), recent.records.width);
    gl.uniform1i(at('bookWidth'), recent.sizes.width);
    gl.uniform1i(at('sampleBins'), sampleBins);
    gl.uniform1i(at('kind'), scale.kind === 'sequential' ? 1 : 0);
    gl.uniform1i(at('asMean'), reductionOf(scale.kind) === 'mean' ? 1 : 0);
    gl.uniform4f(at('scale'), scale.low, scale.high, scale.gamma, scale.contrast);
    gl.uniform3f(at('noDataColour'), ...ink.noData);
    gl.uniform3f(at('outsideColour'), ...ink.outside);
    gl.uniform3f(at('hatchColour'), ...ink.hatch);
    gl.uniform1f(at('hatchPx'), pixelRatio);
    gl.uniform1i(at('hatchInvalid'), hatchInvalid ? 1 : 0);
    gl.uniform1i(at('newestSeq'), this.#store.newest);
    gl.uniform3fv(at('hatchSpacings'), hatchingSpacings);
    gl.uniform3fv(at('hatchStrengths'), hatchingStrengths);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  delete(): void {
    this.#bins.delete();
    this.#layer.delete();
    this.#book.delete();
    this.#gl.deleteTexture(this.#colours);
    this.#gl.deleteProgram(this.#program);
  }
}
