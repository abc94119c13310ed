/** A command of a page, as it stands there without its comment. */
export interface PageCommand {
  readonly command: string;
  /** From 1. */
  readonly line: number;
}

/**
 * The commands in a page's sh blocks, one a line. Throws for a command that stands in a block of another kind, where no one
 * would run it.
 */
export function commandsOf(page: string): PageCommand[] {
  const found: PageCommand[] = [];
  let fence: string | null = null;
  for (const [index, text] of page.split('\n').entries()) {
    const mark = /^```(\w*)/.exec(text);
    if (mark !== null) {
      fence = fence === null ? (mark[1] ?? '') : null;
      continue;
    }
    const command = text.replace(/(?:^|\s+)#\s.*$/, '').trim();
    if (fence === 'sh' && command !== '') found.push({ command, line: index + 1 });
    else if (/^(?:npm|npx|node|git) \S/.test(command) && (fence !== null || text.startsWith('    '))) {
      throw new Error(`line ${index + 1}: ${command} stands in no sh block`);
    }
  }
  return found;
}
