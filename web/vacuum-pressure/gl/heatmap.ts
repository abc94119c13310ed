import type { ColumnName } from '../../../src/engine/index.ts';
import { colourCount } from '../../shared/colour/colour_maps.ts';
import { bookColumns, bookRows, sampleBins } from '../session/book_depth.ts';
import type { Session } from '../session/session.ts';
import type { SessionStore } from '../session/session_store.ts';
import type { ColourScale } from '../viewport/colour_scale.ts';
import { DrawingInputs } from '../viewport/drawing_inputs.ts';
import { type HatchingKind, hatchingKinds, hatchings } from '../viewport/hatching.ts';
import type { Layer } from '../viewport/layers.ts';
import { blockBins, levelFor, reductionOf } from '../viewport/level_of_detail.ts';
import {
  columnsOf,
  type PixelSteps,
  type Stretch,
  type TexelWindow,
  texelAtOrigin,
  texelWindow,
} from '../viewport/texel_window.ts';
import { type Viewport, visibleBins } from '../viewport/viewport.ts';
import { BookTextures } from './book_textures.ts';
import { ColumnTexture, integerTexels } from './column_texture.ts';
import fragmentShader from './heatmap.frag.glsl?raw';
import vertexShader from './heatmap.vert.glsl?raw';
import pixelsShader from './heatmap_pixels.frag.glsl?raw';
import { type BlockLevel, flagInvalid, LayerTextures } from './layer_textures.ts';
import { bindTextures, linkProgram, uniformLocations } from './program.ts';
import { TexelRing } from './texel_ring.ts';

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

/** Of each hatching, in the order in which the shader numbers them. */
const hatchingSpacings = hatchingKinds.map((kind) => hatchings[kind].spacingPx);

/** More changes than these are painted as if everything had changed. */
const mostChanges = 4096;

/** Layers that the book goes on with beyond the window: both sides, the bids, or the asks. */
const bookSides: Readonly<Partial<Record<ColumnName, number>>> = { rest_depth: 1, bid_depth: 2, ask_depth: 3 };

interface Program {
  readonly program: WebGLProgram;
  readonly uniforms: ReadonlyMap<string, WebGLUniformLocation>;
}

function programOf(gl: WebGL2RenderingContext, fragment: string): Program {
  const program = linkProgram(gl, vertexShader, fragment);
  return { program, uniforms: uniformLocations(gl, program) };
}

/**
 * One layer of a session on the GPU, with its levels of detail: values in, pixels out. Values become colours a texel a cell, which costs
 * much where the processor draws, and only where something is new; pixels are made of those.
 */
export class Heatmap {
  readonly #gl: WebGL2RenderingContext;
  readonly #texels: Program;
  readonly #pixels: Program;
  readonly #store: SessionStore;
  readonly #bins: ColumnTexture;
  /** The bin that each slot of `#bins` holds; −1 for none. */
  readonly #seqs: Int32Array;
  readonly #layer: LayerTextures;
  readonly #book: BookTextures;
  #bookSides: number;
  readonly #colours: WebGLTexture;
  readonly #ring: TexelRing;
  readonly #texelInputs = new DrawingInputs();
  readonly #pixelInputs = new DrawingInputs();
  /** Bins that have changed since they were painted, and the newest there was. */
  #changed: Stretch[] = [];
  #newest = -1;

  /** Throws when the browser's GPU cannot hold the session. */
  constructor(gl: WebGL2RenderingContext, { store, book }: Session, { column, kind }: Layer) {
    this.#gl = gl;
    this.#store = store;
    this.#texels = programOf(gl, fragmentShader);
    this.#pixels = programOf(gl, pixelsShader);
    this.#bins = new ColumnTexture(gl, integerTexels, store.capacity, 1);
    this.#seqs = new Int32Array(store.capacity);
    this.#layer = new LayerTextures(gl, store, column, reductionOf(kind));
    this.#book = new BookTextures(gl, book);
    this.#bookSides = bookSides[column] ?? 0;
    this.#colours = gl.createTexture();
    this.#ring = new TexelRing(gl);
    this.reload();
  }

  /** Shows another layer of all bins held. */
  setLayer({ column, kind }: Layer): void {
    if (!this.#layer.setColumn(column, reductionOf(kind))) return;
    this.#bookSides = bookSides[column] ?? 0;
    this.#paintAll();
  }

  /** Takes over all bins that the store holds. */
  reload(): void {
    const { width, lines } = this.#bins;
    for (let line = 0; line < lines; line++) {
      const records = new Int32Array(4 * width);
      let any = false;
      for (let x = 0; x < width && line * width + x < this.#store.capacity; x++) {
        const seq = this.#store.seqAt(line * width + x);
        this.#seqs[line * width + x] = seq;
        any ||= seq >= 0;
        records.set(this.#binRecord(seq), 4 * x);
      }
      if (any) this.#bins.writeLine(line, records);
    }
    this.#layer.markStale();
    this.#paintAll();
  }

  /** Takes over one bin that the store holds, and the blocks that it belongs to. */
  put(seq: number): void {
    const slot = seq % this.#store.capacity;
    const before = this.#seqs[slot] ?? -1;
    this.#seqs[slot] = seq;
    this.#bins.write(slot, this.#binRecord(seq));
    this.#layer.put(seq);
    if (this.#changed.length >= mostChanges) this.#paintAll();
    this.#changed.push([seq, seq + 1]);
    if (before >= 0 && before !== seq) this.#changed.push([before, before + 1]);
  }

  #paintAll(): void {
    this.#ring.forget();
    this.#changed = [];
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
    this.#paintAll();
    gl.bindTexture(gl.TEXTURE_2D, this.#colours);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, colourCount, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, table);
    for (const parameter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, parameter, gl.NEAREST);
    }
  }

  /** Draws into the whole drawing buffer; leaves it as it is where it shows that already. */
  draw(drawing: HeatmapDrawing): void {
    const { view, scale, ink, pixelRatio } = drawing;
    const { drawingBufferWidth: width, drawingBufferHeight: height } = this.#gl;
    const steps = [view.binsPerPx / pixelRatio, view.ticksPerPx / pixelRatio] as const;
    const ofInk = [...ink.noData, ...ink.outside];
    if (this.#texelInputs.change([...steps, ...Object.values(scale), ...ofInk])) this.#paintAll();
    this.#ring.setSize(width, height);
    const isPainted = this.#paint(drawing, steps, texelWindow(view, steps, width, height));
    const inputs = [width, height, ...steps, view.left, view.top, ...ink.hatch, pixelRatio, drawing.hatchInvalid];
    if (this.#pixelInputs.change(inputs) || isPainted) this.#drawPixels(drawing, steps);
  }

  /** Brings the texels of a window up to date; returns whether they were not. */
  #paint({ view, scale, ink }: HeatmapDrawing, steps: PixelSteps, needed: TexelWindow): boolean {
    const gl = this.#gl;
    const level = levelFor(steps[0]);
    const layer = this.#layer;
    layer.fill(level, ...visibleBins(view));
    const changed = this.#changedColumns(blockBins[level], steps);
    const { count, records, pairs } = layer.blocks(Math.max(level, 1) as BlockLevel);
    const { recent, samples } = this.#book;
    const { uniforms } = this.#texels;
    const at = (name: string) => uniforms.get(name) ?? null;
    const begin = () => {
      gl.useProgram(this.#texels.program);
      bindTextures(gl, uniforms, {
        ...{ bins: this.#bins.texture, cells: layer.cells.texture, colours: this.#colours },
        ...{ blocks: records.texture, pairs: pairs.texture },
        ...{ recentColumns: recent.records.texture, recentSizes: recent.sizes.texture },
        ...{ sampleColumns: samples.records.texture, sampleSizes: samples.sizes.texture },
      });
      const [left, top] = [Math.floor(view.left), Math.floor(view.top)];
      gl.uniform2i(at('origin'), left, top);
      gl.uniform2f(at('originFraction'), view.left - left, view.top - top);
      gl.uniform2f(at('step'), ...steps);
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
      gl.uniform1i(at('newestSeq'), this.#store.newest);
    };
    // Where bins or ticks are narrower than pixels, pixels are numbered from the top left.
    const [originColumn, originRow] = texelAtOrigin(view, steps);
    const firstColumn = steps[0] > 1 ? originColumn : 0;
    const firstRow = steps[1] > 1 ? originRow : 0;
    return this.#ring.paint(needed, changed, begin, ([column, row]) => {
      gl.uniform2i(at('shift'), column - firstColumn, row - firstRow);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    });
  }

  /** The columns of texels that show bins that have changed since the last call, where a texel shows whole blocks of bins. */
  #changedColumns(blockSize: number, steps: PixelSteps): Stretch[] {
    const changed = this.#changed;
    this.#changed = [];
    if (this.#bookSides !== 0) changed.push(...this.#book.sync());
    // What has not come says whether something after it has.
    const { newest } = this.#store;
    if (newest > this.#newest) changed.push([this.#newest + 1, newest + 1]);
    this.#newest = newest;
    const blocks = (seq: number, round: (value: number) => number) => round(seq / blockSize) * blockSize;
    return changed.map(([first, end]) => columnsOf([blocks(first, Math.floor), blocks(end, Math.ceil)], steps));
  }

  #drawPixels({ view, ink, pixelRatio, hatchInvalid }: HeatmapDrawing, steps: PixelSteps): void {
    const gl = this.#gl;
    const ring = this.#ring;
    const { program, uniforms } = this.#pixels;
    const at = (name: string) => uniforms.get(name) ?? null;
    const strengthOf = (kind: HatchingKind) => (kind === 'invalid' && !hatchInvalid ? 0 : hatchings[kind].strength);
    const [left, top] = [Math.floor(view.left), Math.floor(view.top)];
    const [column, row] = texelAtOrigin(view, steps);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.useProgram(program);
    bindTextures(gl, uniforms, { texels: ring.texture });
    gl.uniform2f(at('inverseSize'), 1 / ring.width, 1 / ring.height);
    gl.uniform2f(at('place'), (column % ring.width) + 0.5, (row % ring.height) + 0.5);
    gl.uniform2f(at('originFraction'), view.left - left, view.top - top);
    gl.uniform2f(at('step'), ...steps);
    gl.uniform1f(at('heightPx'), gl.drawingBufferHeight);
    gl.uniform3f(at('hatchColour'), ...ink.hatch);
    gl.uniform1f(at('hatchPx'), pixelRatio);
    gl.uniform3fv(at('hatchSpacings'), hatchingSpacings);
    gl.uniform3fv(at('hatchStrengths'), hatchingKinds.map(strengthOf));
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  delete(): void {
    this.#bins.delete();
    this.#layer.delete();
    this.#book.delete();
    this.#ring.delete();
    this.#gl.deleteTexture(this.#colours);
    for (const { program } of [this.#texels, this.#pixels]) this.#gl.deleteProgram(program);
  }
}
