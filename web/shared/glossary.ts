/** A row of docs/glossary.md. */
export interface GlossaryEntry {
  /** The words that the row explains, as it writes them: `add, pull, fill`. */
  readonly words: string;
  readonly meaning: string;
}

/** Rows of the table in a glossary's Markdown, in its order. */
export function parseGlossary(markdown: string): GlossaryEntry[] {
  const [, ...rows] = markdown.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
  return rows.map((row) => {
    const [words = '', meaning = ''] = row.slice(2).split(' | ');
    return { words, meaning: meaning.replaceAll('`', '') };
  });
}

/** The meaning of a word that has a row, alone or among others; undefined without one. */
export function meaningOf(entries: readonly GlossaryEntry[], word: string): string | undefined {
  return entries.find(({ words }) => words === word || words.split(', ').includes(word))?.meaning;
}
