import { temporaryPrefix } from '../../src/files/temporary_names.ts';

/** A file of the simulated disk; its content is text. */
export interface FileNode {
  readonly kind: 'file';
  readonly id: number;
  content: string;
  /** What a power cut leaves for certain. */
  durable: string;
  isDurable: boolean;
  /** Server time of the last write. */
  changedMs: number;
}

export interface FolderNode {
  readonly kind: 'folder';
  readonly id: number;
  entries: Map<string, Node>;
  /** Entries that a power cut leaves for certain. */
  durable: Map<string, Node>;
  /** Changes since, in order: each takes names away and gives one. */
  pending: Change[];
  changedMs: number;
  /** Whether someone who does not keep to the protocol removed something in it. */
  isMeddledWith: boolean;
}

export type Node = FileNode | FolderNode;

interface Change {
  readonly removed: readonly string[];
  readonly added: readonly [name: string, node: Node] | null;
}

/** The error of a failed call, as Node gives it. */
export function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: simulated, '${path}'`), { code, path });
}

/**
 * A disk in memory that keeps what POSIX promises, and nothing more: names change at once, bytes and names are durable only
 * after a sync of the file, or of the folder. `cutPower` leaves of the rest what chance wants: any number of a folder's first
 * changes, and of a file its durable bytes, all bytes, or some of them.
 */
export class Disk {
  readonly root: FolderNode;
  /** Counts changes of content, and of names that are not temporary. */
  version = 0;
  #nextId = 1;
  #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.root = this.#folder();
  }

  /** What has this name; null when there is nothing. */
  find(path: string): Node | null {
    let node: Node | undefined = this.root;
    for (const name of parts(path)) {
      if (node.kind !== 'folder') return null;
      node = node.entries.get(name);
      if (node === undefined) return null;
    }
    return node;
  }

  makeFolder(path: string): void {
    const [parent, name] = this.#place(path);
    if (parent.entries.has(name)) throw failure('EEXIST', path);
    this.#change(path, parent, [], [name, this.#folder()]);
  }

  /** Opens a file, which must not exist (`new`), or must (`old`). */
  open(path: string, what: 'new' | 'old'): FileNode {
    const [parent, name] = this.#place(path);
    const there = parent.entries.get(name);
    if (there !== undefined && what === 'new') throw failure('EEXIST', path);
    if (there === undefined && what === 'old') throw failure('ENOENT', path);
    if (there?.kind === 'folder') throw failure('EISDIR', path);
    if (there !== undefined) return there;
    const file: FileNode = {
      kind: 'file',
      id: this.#nextId++,
      content: '',
      durable: '',
      isDurable: true,
      changedMs: this.#nowMs(),
    };
    this.#change(path, parent, [], [name, file]);
    return file;
  }

  append(file: FileNode, text: string): void {
    file.content += text;
    file.isDurable = false;
    file.changedMs = this.#nowMs();
    this.version++;
  }

  sync(file: FileNode): void {
    file.durable = file.content;
    file.isDurable = true;
  }

  syncFolder(path: string): void {
    const folder = this.#folderAt(path);
    folder.durable = new Map(folder.entries);
    folder.pending = [];
  }

  readFolder(path: string): [name: string, node: Node][] {
    return [...this.#folderAt(path).entries];
  }

  readFile(path: string): string {
    const file = this.find(path);
    if (file === null) throw failure('ENOENT', path);
    if (file.kind === 'folder') throw failure('EISDIR', path);
    return file.content;
  }

  removeFile(path: string): void {
    const [parent, name] = this.#place(path);
    const there = parent.entries.get(name);
    if (there === undefined) throw failure('ENOENT', path);
    if (there.kind === 'folder') throw failure('EISDIR', path);
    this.#change(path, parent, [name], null);
  }

  removeFolder(path: string): void {
    const [parent, name] = this.#place(path);
    const there = parent.entries.get(name);
    if (there === undefined) throw failure('ENOENT', path);
    if (there.kind === 'file') throw failure('ENOTDIR', path);
    if (there.entries.size > 0) throw failure('ENOTEMPTY', path);
    this.#change(path, parent, [name], null);
  }

  /** Renames inside of one folder. */
  rename(from: string, to: string): void {
    const [parent, name] = this.#place(from);
    const [target, newName] = this.#place(to);
    if (target !== parent) throw failure('EXDEV', from);
    const node = parent.entries.get(name);
    if (node === undefined) throw failure('ENOENT', from);
    const there = parent.entries.get(newName);
    if (there !== undefined && there !== node) {
      if (node.kind === 'folder' && there.kind === 'file') throw failure('ENOTDIR', to);
      if (node.kind === 'file' && there.kind === 'folder') throw failure('EISDIR', to);
      if (there.kind === 'folder' && there.entries.size > 0) throw failure('ENOTEMPTY', to);
    }
    this.#change(to, parent, [name], [newName, node]);
    if (isTemporary(to) && !isTemporary(from)) this.version++;
  }

  /** Loses what is not durable, as far as chance wants it. */
  cutPower(random: () => number): void {
    this.#cut(this.root, random);
    this.version++;
  }

  #cut(node: Node, random: () => number): void {
    if (node.kind === 'file') {
      if (node.isDurable) return;
      const luck = random();
      if (luck < 0.4) node.content = node.durable;
      else if (luck < 0.8) node.content = node.content.slice(0, Math.floor(random() * node.content.length));
      node.durable = node.content;
      node.isDurable = true;
      return;
    }
    const kept = Math.floor(random() * (node.pending.length + 1));
    for (const change of node.pending.slice(0, kept)) apply(node.durable, change);
    node.entries = new Map(node.durable);
    node.pending = [];
    for (const child of node.entries.values()) this.#cut(child, random);
  }

  #change(path: string, folder: FolderNode, removed: readonly string[], added: Change['added']): void {
    const change = { removed, added };
    apply(folder.entries, change);
    folder.pending.push(change);
    folder.changedMs = this.#nowMs();
    if (!isTemporary(path)) this.version++;
  }

  #folder(): FolderNode {
    return {
      kind: 'folder',
      id: this.#nextId++,
      entries: new Map(),
      durable: new Map(),
      pending: [],
      changedMs: this.#nowMs(),
      isMeddledWith: false,
    };
  }

  #folderAt(path: string): FolderNode {
    const node = this.find(path);
    if (node === null) throw failure('ENOENT', path);
    if (node.kind === 'file') throw failure('ENOTDIR', path);
    return node;
  }

  /** The folder that a path lies in, and its last name. */
  #place(path: string): [FolderNode, string] {
    const names = parts(path);
    const name = names.pop();
    if (name === undefined) throw failure('EEXIST', path);
    return [this.#folderAt(`/${names.join('/')}`), name];
  }
}

function apply(entries: Map<string, Node>, { removed, added }: Change): void {
  for (const name of removed) entries.delete(name);
  if (added !== null) entries.set(...added);
}

function isTemporary(path: string): boolean {
  return path.includes(temporaryPrefix);
}

function parts(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}
