import { partManifestName } from '../../src/lake/results/part_steps.ts';
import type { FolderNode } from './disk.ts';
import type { World } from './world.ts';
import { Violation } from './world.ts';

/** A folder that says of itself which files it holds: `checksums.json` has the content of each. */
export const checksumsName = 'checksums.json';

/** An attempt to give a file another content. */
interface Attempt {
  readonly content: string;
  readonly begin: number;
  end: number;
  isSuccess: boolean;
}

/**
 * What the programs of a schedule were told, against which the disk is held after each step: folders with a final name are
 * whole, files hold what one attempt wrote, and nothing that was reported as done is ever lost or replaced.
 */
export class Truth {
  /** Rows of results that are there, as programs were told. */
  readonly rows = new Set<string>();
  readonly #world: World;
  /** Folders of which a program said that they are there, with what their checksums said. */
  readonly #done = new Map<string, string>();
  readonly #attempts = new Map<string, Attempt[]>();
  /** Folders whose entries, but temporary ones, are whole folders. */
  readonly #places = new Set<string>();
  #version = -1;

  constructor(world: World) {
    this.#world = world;
  }

  /** Below this folder folders are published. */
  watch(place: string): void {
    this.#places.add(place);
  }

  /** A program says that a folder is there. */
  reportFolder(path: string, who: string): void {
    const why = this.#brokenBy(path);
    if (why !== null) throw new Violation(`${who} says that ${path} is there, but ${why}`);
    this.#done.set(path, this.#world.disk.readFile(`${path}/${checksumsName}`));
  }

  /** A program begins to write a file. */
  beginFile(path: string, content: string): Attempt {
    const attempt = { content, begin: this.#world.steps, end: Number.POSITIVE_INFINITY, isSuccess: false };
    this.#attempts.set(path, [...(this.#attempts.get(path) ?? []), attempt]);
    return attempt;
  }

  /** A program says that the file is written, or that it is not. */
  endFile(attempt: Attempt, isSuccess: boolean): void {
    attempt.end = this.#world.steps;
    attempt.isSuccess = isSuccess;
  }

  check(): void {
    const { disk } = this.#world;
    if (disk.version === this.#version) return;
    this.#version = disk.version;
    for (const place of this.#places) {
      const folder = disk.find(place);
      if (folder?.kind !== 'folder') continue;
      for (const [name, node] of folder.entries) {
        if (name.startsWith('.')) continue;
        const path = `${place}/${name}`;
        const why = this.#brokenBy(path);
        if (why === null) continue;
        // Its writer looks again and fails, or was killed before; readers check the folder.
        if (node.kind === 'folder' && isMeddledWith(node) && !this.#done.has(path)) continue;
        throw new Violation(`${path} has its final name, but ${why}`);
      }
    }
    for (const [path, checksums] of this.#done) {
      const why = this.#brokenBy(path);
      if (why !== null) throw new Violation(`${path} was there, but ${why}`);
      if (disk.readFile(`${path}/${checksumsName}`) !== checksums) throw new Violation(`${path} was replaced`);
    }
    for (const [path, attempts] of this.#attempts) this.#checkFile(path, attempts);
  }

  /** Why a folder is not whole; null when it is. */
  #brokenBy(path: string): string | null {
    const { disk } = this.#world;
    const folder = disk.find(path);
    if (folder === null) return 'it is not';
    const listName = disk.find(`${path}/${partManifestName}`) === null ? checksumsName : partManifestName;
    const list = disk.find(`${path}/${listName}`);
    if (list?.kind !== 'file') return `${listName} is missing`;
    let expected: Record<string, string>;
    try {
      const listed = JSON.parse(list.content) as Record<string, string> | { files: Record<string, string> };
      expected = (listName === partManifestName ? listed.files : listed) as Record<string, string>;
    } catch {
      return `${listName} is torn`;
    }
    const found = new Set(filesIn(folder as FolderNode));
    found.delete(listName);
    for (const [name, content] of Object.entries(expected)) {
      if (!found.delete(name)) return `${name} is missing`;
      if (disk.readFile(`${path}/${name}`) !== content) return `${name} is not what was written`;
    }
    return found.size === 0 ? null : `${[...found].join(', ')} does not belong there`;
  }

  #checkFile(path: string, attempts: readonly Attempt[]): void {
    const node = this.#world.disk.find(path);
    const over = Math.max(...attempts.map(({ isSuccess, begin }) => (isSuccess ? begin : -1)));
    if (node === null) {
      if (over >= 0) throw new Violation(`${path} was written, but is not there`);
      return;
    }
    // What was written last, or beside it, or later.
    const possible = attempts.filter(({ end }) => end >= over).map(({ content }) => content);
    if (node.kind !== 'file' || !possible.includes(node.content)) {
      throw new Violation(
        `${path} holds ${node.kind === 'file' ? JSON.stringify(node.content) : 'files'}, which is none of ${possible.join(', ')}`,
      );
    }
  }
}

function isMeddledWith(folder: FolderNode): boolean {
  return (
    folder.isMeddledWith || [...folder.entries.values()].some((node) => node.kind === 'folder' && isMeddledWith(node))
  );
}

function filesIn(folder: FolderNode, above = ''): string[] {
  return [...folder.entries].flatMap(([name, node]) =>
    node.kind === 'folder' ? filesIn(node, `${above}${name}/`) : [`${above}${name}`],
  );
}
