/**
 * A ring of columns on the GPU: `capacity` columns of `rows` texels. More columns than a texture is wide go below each
 * other, so column `slot` starts at (slot mod width, floor(slot / width) · rows).
 */
export class ColumnTexture {
  readonly texture: WebGLTexture;
  readonly width: number;
  readonly rows: number;
  /** Lines of columns below each other. */
  readonly lines: number;
  readonly #gl: WebGL2RenderingContext;
  readonly #format: TextureFormat;

  /** Throws when the GPU cannot hold that many texels in one texture. */
  constructor(gl: WebGL2RenderingContext, format: TextureFormat, capacity: number, rows: number) {
    const largest = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    this.width = Math.min(largest, capacity, Math.max(1024, 2 ** Math.ceil(Math.log2(Math.sqrt(capacity * rows)))));
    this.lines = Math.ceil(capacity / this.width);
    const height = this.lines * rows;
    if (height > largest) {
      throw new Error(`The graphics card holds textures of ${largest} texels a side, and ${height} are needed.`);
    }
    this.#gl = gl;
    this.#format = format;
    this.rows = rows;
    this.texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl[format.internal], this.width, height);
    for (const parameter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, parameter, gl.NEAREST);
    }
  }

  /** The line that a column is in. */
  lineOf(slot: number): number {
    return Math.floor(slot / this.width);
  }

  /** Replaces a column; `texels` holds at least `rows` texels. */
  write(slot: number, texels: Float32Array | Int32Array): void {
    const gl = this.#gl;
    const { external, type } = this.#format;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    const y = this.lineOf(slot) * this.rows;
    gl.texSubImage2D(gl.TEXTURE_2D, 0, slot % this.width, y, 1, this.rows, gl[external], gl[type], texels);
  }

  /** Replaces a line of `width` columns; `texels` holds row 0 of all of them, then row 1, and so on. */
  writeLine(line: number, texels: Float32Array | Int32Array): void {
    const gl = this.#gl;
    const { external, type } = this.#format;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, line * this.rows, this.width, this.rows, gl[external], gl[type], texels);
  }

  delete(): void {
    this.#gl.deleteTexture(this.texture);
  }
}

export interface TextureFormat {
  readonly internal: 'R32F' | 'RG32F' | 'RGBA32I';
  readonly external: 'RED' | 'RG' | 'RGBA_INTEGER';
  readonly type: 'FLOAT' | 'INT';
}

export const scalarTexels: TextureFormat = { internal: 'R32F', external: 'RED', type: 'FLOAT' };
export const pairTexels: TextureFormat = { internal: 'RG32F', external: 'RG', type: 'FLOAT' };
export const integerTexels: TextureFormat = { internal: 'RGBA32I', external: 'RGBA_INTEGER', type: 'INT' };
