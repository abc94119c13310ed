/** The source of a user's signal: all files that its entry reaches by relative imports, and their identity. */
export interface SignalSource {
  readonly name: string;
  /** Absolute path of the folder that the files were read from. */
  readonly folder: string;
  /** The file of the definition, a key of `files`. */
  readonly entry: string;
  /** Text of each file by its path in the folder, with forward slashes. */
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256 over names and contents of the files, the parameters' defaults, and the version of what they build on. */
  readonly hash: string;
}
