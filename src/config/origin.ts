/** Where a configuration value was written, so that an error can point at it. */
export interface Origin {
  /** File name as the user gave it, or a word for the source ("request"). */
  readonly file: string;
  /**
   * 1-based line and column of the value at `path` (of its key, with `atKey`), or of the nearest part that
   * exists; null when positions are unknown.
   */
  readonly locate: (path: readonly PropertyKey[], atKey?: boolean) => Position | null;
  /** The value at `path` as the text has it, where it is a scalar without quotes. */
  readonly written?: (path: readonly PropertyKey[]) => string | null;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** An origin that knows the file but no lines. */
export function originOf(file: string | Origin): Origin {
  return typeof file === 'string' ? { file, locate: () => null } : file;
}

/** `file:line:column` of a path in an origin, or just `file`. */
export function place(origin: Origin, path: readonly PropertyKey[], atKey = false): string {
  const position = origin.locate(path, atKey);
  return position === null ? origin.file : `${origin.file}:${position.line}:${position.column}`;
}
