import './term.css';
import type { ComponentChildren } from 'preact';
import glossary from '../../docs/glossary.md?raw';
import { meaningOf, parseGlossary } from './glossary.ts';

/** All of docs/glossary.md. */
export const glossaryEntries = parseGlossary(glossary);

/** The meaning of a word of the glossary; the word alone where it has none. */
export const explain = (word: string): string => meaningOf(glossaryEntries, word) ?? word;

/** A word that says what it means when the pointer rests on it. */
export function Term({ word, children }: { word: string; children: ComponentChildren }) {
  return (
    <abbr class="term" title={explain(word)}>
      {children}
    </abbr>
  );
}
