/** Something that the page can do, by its name. */
export interface Command {
  /** What it is one of, such as a layer. */
  readonly group: string;
  readonly words: string;
  /** Its key, where it has one. */
  readonly key?: string;
  readonly run: () => void;
}

const maxFound = 60;

/** How well a command fits: 0 for not at all. Each word has to stand in it; the beginnings of its words count most. */
function likeness({ group, words }: Command, wanted: readonly string[]): number {
  const name = words.toLowerCase();
  const text = `${group.toLowerCase()} ${name}`;
  let sum = 1;
  for (const word of wanted) {
    if (!text.includes(word)) return 0;
    if (name.startsWith(word)) sum += 3;
    else if (text.includes(` ${word}`) || text.startsWith(word)) sum += 2;
    else sum += 1;
  }
  return sum;
}

/** The commands that a text names, the likeliest first; all, in their order, for an empty one. */
export function findCommands(commands: readonly Command[], text: string): readonly Command[] {
  const wanted = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return commands
    .map((command) => [command, likeness(command, wanted)] as const)
    .filter(([, like]) => like > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, maxFound)
    .map(([command]) => command);
}
