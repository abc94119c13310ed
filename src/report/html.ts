import { present } from '../errors.ts';
/** Text that is HTML already and goes into a page as it is. Only `html` and the makers of plots create it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = Html | string | number | null | false | readonly Piece[];

/** HTML from a template: whatever is put in is escaped, unless it is HTML itself; null and false are nothing. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(
    strings.map((text, index) => text + (index < pieces.length ? pieceText(present(pieces[index])) : '')).join(''),
  );
}

function pieceText(piece: Piece): string {
  if (piece === null || piece === false) return '';
  if (piece instanceof Html) return piece.text;
  if (Array.isArray(piece)) return piece.map(pieceText).join('');
  return escapeText(String(piece));
}

/** Text as HTML shows it, in content and in quoted attributes. */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** JSON for a script element: no text in it can end the element or be taken for markup. */
export function scriptJson(value: unknown): Html {
  return new Html(
    JSON.stringify(value)
      .replaceAll('<', '\\u003c')
      .replaceAll('>', '\\u003e')
      .replaceAll('&', '\\u0026')
      .replaceAll('\u2028', '\\u2028')
      .replaceAll('\u2029', '\\u2029'),
  );
}

export interface Column {
  readonly title: string;
  /** Numbers go right, so that their digits line up. */
  readonly isNumber?: boolean;
}

export interface Row {
  readonly cells: readonly (string | Html)[];
  /** Shown, but not to be judged: too few observations. */
  readonly muted?: boolean;
  /** What rows are sorted by, of each column; null comes last. */
  readonly sortValues?: readonly (number | string | null)[];
}

/**
 * A table with a caption; a row's first cell is its heading. With sort values in its rows a click on a column's head sorts
 * (the script is in `plotKit`).
 */
export function table(caption: string, columns: readonly Column[], rows: readonly Row[]): Html {
  const isSortable = rows.some(({ sortValues }) => sortValues !== undefined);
  const head = ({ title }: Column) => (isSortable ? html`<button type="button">${title}</button>` : title);
  const key = ({ sortValues }: Row, column: number) =>
    sortValues === undefined ? null : html` data-key="${JSON.stringify(sortValues[column] ?? null)}"`;
  const cls = (column: number) => (columns[column]?.isNumber ? html` class="n"` : html``);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table${isSortable ? html` class="sortable"` : null}>
<caption>${caption}</caption>
<thead><tr>${columns.map((column, index) => html`<th scope="col"${cls(index)}>${head(column)}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr${row.muted ? html` class="muted"` : null}>${row.cells.map((cell, index) =>
        index === 0
          ? html`<th scope="row"${cls(0)}${key(row, 0)}>${cell}</th>`
          : html`<td${cls(index)}${key(row, index)}>${cell}</td>`,
      )}</tr>`,
  )}</tbody></table></div>`;
}
