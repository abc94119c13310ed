import { notNull } from '../../../src/errors.ts';
import { partsToPaint, runsInRing, type Stretch, type TexelWindow } from '../viewport/texel_window.ts';

/** Texels that a window has beyond the pixels it is of, at most. */
const spareTexels = 5;

/**
 * The heatmap's texels that were painted last: a texture that is a ring along both axes, so that a view that moves paints only what comes
 * into it.
 */
export class TexelRing {
  readonly #gl: WebGL2RenderingContext;
  readonly #framebuffer: WebGLFramebuffer;
  #texture: WebGLTexture | null = null;
  #width = 0;
  #height = 0;
  #kept: TexelWindow | null = null;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#framebuffer = gl.createFramebuffer();
  }

  get texture(): WebGLTexture {
    return notNull(this.#texture);
  }
  get width(): number {
    return this.#width;
  }
  get height(): number {
    return this.#height;
  }

  /** Has the next call of `paint` paint everything. */
  forget(): void {
    this.#kept = null;
  }

  /** Takes windows of so many device pixels from now on. */
  setSize(widthPx: number, heightPx: number): void {
    const [width, height] = [widthPx + spareTexels, heightPx + spareTexels];
    if (width === this.#width && height === this.#height) return;
    const gl = this.#gl;
    gl.deleteTexture(this.#texture);
    this.#texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.#texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, width, height);
    for (const parameter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, parameter, gl.NEAREST);
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.#texture, 0);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    this.#width = width;
    this.#height = height;
    this.#kept = null;
  }

  /**
   * Paints what of a window is not there yet, or has changed.
   * @param changed columns
   * @param begin makes ready to draw
   * @param draw draws one triangle over everything; a texel's number is its place and `shift`
   * @returns whether anything was to be painted
   */
  paint(
    needed: TexelWindow,
    changed: readonly Stretch[],
    begin: () => void,
    draw: (shift: readonly [column: number, row: number]) => void,
  ): boolean {
    const gl = this.#gl;
    const parts = partsToPaint(this.#kept, needed, changed);
    this.#kept = needed;
    if (parts.length === 0) return false;
    begin();
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
    gl.viewport(0, 0, this.#width, this.#height);
    gl.enable(gl.SCISSOR_TEST);
    for (const { firstColumn, endColumn, firstRow, endRow } of parts) {
      for (const x of runsInRing(firstColumn, endColumn, this.#width)) {
        for (const y of runsInRing(firstRow, endRow, this.#height)) {
          gl.scissor(x.place, y.place, x.count, y.count);
          draw([x.first - x.place, y.first - y.place]);
        }
      }
    }
    gl.disable(gl.SCISSOR_TEST);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    return true;
  }

  delete(): void {
    this.#gl.deleteTexture(this.#texture);
    this.#gl.deleteFramebuffer(this.#framebuffer);
  }
}
