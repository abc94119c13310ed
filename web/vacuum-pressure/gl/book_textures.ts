import { type BookColumns, type BookDepth, bookColumns, bookRows, sampleBins } from '../session/book_depth.ts';
import type { Stretch } from '../viewport/texel_window.ts';
import { ColumnTexture, integerTexels, scalarTexels } from './column_texture.ts';

/** The book beyond the window on the GPU: columns of recent bins, and the samples of a whole session. */
export class BookTextures {
  readonly recent: BookColumnTextures;
  readonly samples: BookColumnTextures;

  /** Throws when the GPU cannot hold the book. */
  constructor(gl: WebGL2RenderingContext, book: BookDepth) {
    this.recent = new BookColumnTextures(gl, book.recent);
    this.samples = new BookColumnTextures(gl, book.samples);
  }

  /** Takes over what came since the last call; returns the bins whose book is another one. */
  sync(): Stretch[] {
    const recent = this.recent.sync().map((seq): Stretch => [seq, seq + 1]);
    const samples = this.samples.sync().map((at): Stretch => [at * sampleBins, (at + 1) * sampleBins]);
    return [...recent, ...samples];
  }

  delete(): void {
    this.recent.delete();
    this.samples.delete();
  }
}

/** A texel (number, lowest tick, 0, 0) a column, all −1 for none, and its sizes. */
class BookColumnTextures {
  readonly records: ColumnTexture;
  readonly sizes: ColumnTexture;
  readonly #columns: BookColumns;
  readonly #scratch = new Float32Array(bookRows);
  readonly #numbers = new Int32Array(bookColumns).fill(-1);
  #changes = 0;

  constructor(gl: WebGL2RenderingContext, columns: BookColumns) {
    this.#columns = columns;
    this.records = new ColumnTexture(gl, integerTexels, bookColumns, 1);
    this.sizes = new ColumnTexture(gl, scalarTexels, bookColumns, bookRows);
    const { width, lines } = this.records;
    for (let line = 0; line < lines; line++) this.records.writeLine(line, new Int32Array(4 * width).fill(-1));
  }

  /** Returns the numbers of the columns that came, and of those whose place they took. */
  sync(): number[] {
    const changed: number[] = [];
    this.#columns.forChanged(this.#changes, (slot, number, base) => {
      this.#columns.copyTo(slot, this.#scratch);
      this.sizes.write(slot, this.#scratch);
      this.records.write(slot, Int32Array.of(number, base, 0, 0));
      changed.push(number);
      const before = this.#numbers[slot] ?? -1;
      if (before >= 0 && before !== number) changed.push(before);
      this.#numbers[slot] = number;
    });
    this.#changes = this.#columns.changes;
    return changed;
  }

  delete(): void {
    this.records.delete();
    this.sizes.delete();
  }
}
