import type { CallName, Steps } from '../../src/files/protocol/system_calls.ts';
import type { Owners } from '../../src/files/protocol/temporary_steps.ts';
import { temporaryPrefix } from '../../src/files/temporary_names.ts';
import { Disk, type FileNode, failure, type Node } from './disk.ts';
import type { Plan } from './plan.ts';

/** Something that must not be, and what it is. */
export class Violation extends Error {}

interface Host {
  offMs: number;
  processes: number;
}

/** A process of the simulation, as its programs see it. */
export interface SimulatedProcess {
  readonly name: string;
  readonly owners: Owners;
  /** Process id on its host, which other hosts give to other processes. */
  readonly pid: number;
  readonly host: Host;
  /** Locks that it knows to hold, whatever the kernel says. */
  readonly locks: Map<FileNode, object>;
  isAlive: boolean;
  /** Not before this time does it go on. */
  wakesMs: number;
}

interface Task {
  readonly process: SimulatedProcess;
  readonly steps: Steps<void>;
  next: IteratorResult<{ readonly name: string; readonly args: readonly unknown[] }, void>;
}

interface SimulatedLock {
  readonly node: FileNode;
  readonly process: SimulatedProcess;
}

/** A call: what it does, given the process that makes it. */
type Call = (process: SimulatedProcess, ...args: never[]) => unknown;

const codes = ['EIO', 'EMFILE', 'EACCES', 'ESTALE'] as const;
const writing: ReadonlySet<string> = new Set(['makeFolder', 'open', 'write', 'sync', 'syncFolder', 'openLock']);
/** Calls that fail only when the program asks for what is not there. */
const safe: ReadonlySet<string> = new Set(['drawId', 'pause', 'closeLock', 'statusOf', 'now', 'isAlive']);

/**
 * A few machines on one disk, whose processes are run call by call in an order that chance gives, and what may happen to
 * them. The same plan, programs and random numbers give the same schedule.
 */
export class World {
  readonly disk: Disk;
  readonly plan: Plan;
  readonly random: () => number;
  /** Called after each step. */
  onStep: () => void = () => {};
  /** Called with each step as text. */
  onTrace: ((line: string) => void) | null = null;
  /** Calls that only say that they were made. */
  readonly idle = new Set<CallName>();
  /** Whether it is a violation to remove what a living process builds. */
  protectsWork = true;
  /** Whether anything happened that a command may fail for. */
  isDisturbed = false;
  steps = 0;
  powerCuts = 0;
  nowMs = 1e12;
  readonly #hosts: Host[];
  readonly #tasks: Task[] = [];
  readonly #locks = new Map<string, SimulatedLock>();
  /** Who made a file or folder. */
  readonly #makers = new WeakMap<Node, SimulatedProcess>();
  #last: Task | null = null;
  #isFull = false;
  #isHealed = false;

  constructor(plan: Plan, random: () => number) {
    this.plan = plan;
    this.random = random;
    this.disk = new Disk(() => this.nowMs);
    this.#hosts = plan.hosts.map(({ offMs }) => ({ offMs, processes: 0 }));
  }

  /** Starts a process on some host. */
  start(name: string): SimulatedProcess {
    const host = this.#hosts[Math.floor(this.random() * this.#hosts.length)]!;
    const pid = ++host.processes;
    return { name, owners: new Map(), locks: new Map(), pid, host, isAlive: true, wakesMs: 0 };
  }

  /** Adds a task to a process. */
  run(process: SimulatedProcess, steps: Steps<void>): void {
    this.#tasks.push({ process, steps, next: steps.next() });
  }

  get isOver(): boolean {
    return this.#tasks.length === 0;
  }

  /** From here on nothing happens but work. */
  heal(): void {
    this.#isHealed = true;
    this.#isFull = false;
  }

  /** Lets one task make one call, or something happen. */
  step(): void {
    this.steps++;
    this.nowMs += this.random() * this.plan.stepMs;
    if (!this.#isHealed && this.#happening()) return;
    const task = this.#choose();
    const { value: call } = task.next as IteratorYieldResult<{ name: string; args: readonly unknown[] }>;
    const isTraced = this.onTrace !== null;
    let result: unknown;
    let error: unknown = null;
    try {
      result = this.#make(task.process, call.name, call.args);
    } catch (cause) {
      if (cause instanceof Violation) throw cause;
      error = cause;
    }
    if (isTraced) this.#trace(task.process.name, call, error);
    task.next = error === null ? task.steps.next(result) : task.steps.throw(error);
    if (task.next.done) this.#end(task);
    this.onStep();
  }

  /** Kills a process: the kernel drops its locks, and nothing of it goes on. */
  kill(process: SimulatedProcess): void {
    this.onTrace?.(`${process.name} is killed`);
    process.isAlive = false;
    for (const [key, lock] of [...this.#locks]) if (lock.process === process) this.#locks.delete(key);
    for (const task of this.#tasks.filter((each) => each.process === process)) this.#remove(task);
  }

  #happening(): boolean {
    const { random, plan } = this;
    if (random() < plan.kill) {
      const { process } = this.#tasks[Math.floor(random() * this.#tasks.length)]!;
      this.kill(process);
      this.onStep();
      return true;
    }
    if (random() < plan.powerCut) {
      this.onTrace?.('the power is cut');
      for (const { process } of [...this.#tasks]) if (process.isAlive) this.kill(process);
      this.disk.cutPower(random);
      this.powerCuts++;
      this.onStep();
      return true;
    }
    if (random() < plan.rest) {
      const { process } = this.#tasks[Math.floor(random() * this.#tasks.length)]!;
      process.wakesMs = this.nowMs + 10 ** (random() * 9);
      this.onTrace?.(`${process.name} rests for ${Math.round((process.wakesMs - this.nowMs) / 1000)} s`);
    }
    if (random() < plan.clockJump) {
      this.#hosts[Math.floor(random() * this.#hosts.length)]!.offMs += (random() - 0.5) * 4 * 86_400_000;
      this.onTrace?.('a clock jumps');
    }
    if (random() < plan.meddle) this.#meddle();
    if (random() < plan.fullDisk) {
      this.#isFull = !this.#isFull;
      this.isDisturbed = true;
      this.onTrace?.(this.#isFull ? 'the disk is full' : 'the disk has room');
    }
    return false;
  }

  #choose(): Task {
    if (this.#last !== null && this.#last.process.wakesMs <= this.nowMs && this.random() < this.plan.stay)
      return this.#last;
    let awake = this.#tasks.filter(({ process }) => process.wakesMs <= this.nowMs);
    if (awake.length === 0) {
      this.nowMs = Math.min(...this.#tasks.map(({ process }) => process.wakesMs));
      awake = this.#tasks.filter(({ process }) => process.wakesMs <= this.nowMs);
    }
    this.#last = awake[Math.floor(this.random() * awake.length)]!;
    return this.#last;
  }

  #end(task: Task): void {
    this.#remove(task);
    if (this.#tasks.some(({ process }) => process === task.process)) return;
    task.process.isAlive = false;
    for (const [key, { process }] of this.#locks) {
      if (process === task.process) throw new Violation(`${task.process.name} ended with the lock ${key}`);
    }
  }

  #remove(task: Task): void {
    this.#tasks.splice(this.#tasks.indexOf(task), 1);
    if (this.#last === task) this.#last = null;
  }

  #trace(who: string, { name, args }: { name: string; args: readonly unknown[] }, error: unknown): void {
    const shown = args.map((arg) => (typeof arg === 'string' || typeof arg === 'number' ? arg : '·')).join(', ');
    this.onTrace?.(
      `${who} ${name}(${shown})${error === null ? '' : ` fails: ${(error as NodeJS.ErrnoException).code}`}`,
    );
  }

  /** Something that knows nothing of the protocol removes a file or folder under construction, or a lock. */
  #meddle(): void {
    const found: string[] = [];
    const look = (path: string, node: Node, isTemporary: boolean) => {
      if (isTemporary) found.push(path);
      if (node.kind === 'file') return;
      for (const [name, child] of node.entries) {
        look(`${path}/${name}`, child, isTemporary || name.startsWith(temporaryPrefix));
      }
    };
    look('', this.disk.root, false);
    const path = found[Math.floor(this.random() * found.length)];
    if (path === undefined) return;
    this.onTrace?.(`someone removes ${path}`);
    this.isDisturbed = true;
    const remove = (victim: string, node: Node) => {
      if (node.kind === 'file') return this.disk.removeFile(victim);
      node.isMeddledWith = true;
      for (const [name, child] of [...node.entries]) remove(`${victim}/${name}`, child);
      this.disk.removeFolder(victim);
    };
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const node = this.disk.find(at);
      if (node?.kind === 'folder') node.isMeddledWith = true;
    }
    remove(path, this.disk.find(path)!);
  }

  #make(process: SimulatedProcess, name: string, args: readonly unknown[]): unknown {
    const call = (this.#calls as Record<string, Call>)[name];
    if (call === undefined) throw new Violation(`${process.name} makes the unknown call ${name}`);
    const path = typeof args[0] === 'string' ? args[0] : name;
    if (this.idle.has(name as CallName)) return true;
    if (this.#isFull && writing.has(name)) throw failure('ENOSPC', path);
    const fails = !this.#isHealed && !safe.has(name) && this.random() < this.plan.error;
    if (!fails) return call(process, ...(args as never[]));
    this.isDisturbed = true;
    if (name === 'write') {
      const [{ file }, bytes] = args as [{ file: FileNode }, Uint8Array];
      this.disk.append(file, new TextDecoder().decode(bytes.subarray(0, Math.floor(this.random() * bytes.length))));
    } else if (this.random() < this.plan.errorAfter) call(process, ...(args as never[]));
    throw failure(codes[Math.floor(this.random() * codes.length)]!, path);
  }

  /** Published things are no longer built by anyone; a thing that is taken out of use is its taker's to remove. */
  #handOver(process: SimulatedProcess, node: Node, path: string): void {
    if (path.includes(temporaryPrefix)) this.#makers.set(node, process);
    else this.#makers.delete(node);
    if (node.kind === 'folder') for (const inner of node.entries.values()) this.#handOver(process, inner, path);
  }

  /** Notes who made what, and finds who removes what a living process builds. */
  #made<T extends Node | null>(process: SimulatedProcess, node: T): T {
    if (node !== null && !this.#makers.has(node)) this.#makers.set(node, process);
    return node;
  }

  #assertMayRemove(process: SimulatedProcess, path: string): void {
    const node = this.disk.find(path);
    if (node === null || !path.includes(temporaryPrefix) || path.endsWith('.lock')) return;
    const maker = this.#makers.get(node);
    if (maker === undefined || maker === process || !maker.isAlive) return;
    // After an error a living process may leave something to others.
    if (!this.protectsWork || !this.plan.locksAreShared || this.plan.error > 0 || this.plan.fullDisk > 0) {
      const above = this.disk.find(path.slice(0, path.lastIndexOf('/')));
      if (above?.kind === 'folder') above.isMeddledWith = true;
      return;
    }
    throw new Violation(`${process.name} removes ${path}, which ${maker.name} builds`);
  }

  readonly #calls = {
    makeFolder: (process: SimulatedProcess, path: string) => {
      this.disk.makeFolder(path);
      this.#made(process, this.disk.find(path));
    },
    syncFolder: (_: SimulatedProcess, path: string) => this.disk.syncFolder(path),
    readFolder: (_: SimulatedProcess, path: string) =>
      this.disk.readFolder(path).map(([name, { kind }]) => ({ name, isFolder: kind === 'folder' })),
    removeFolder: (process: SimulatedProcess, path: string) => {
      this.#assertMayRemove(process, path);
      this.disk.removeFolder(path);
    },
    open: (process: SimulatedProcess, path: string, what: 'new' | 'old') => ({
      file: this.#made(process, this.disk.open(path, what)),
    }),
    write: (_: SimulatedProcess, { file }: { file: FileNode }, bytes: Uint8Array) =>
      this.disk.append(file, new TextDecoder().decode(bytes)),
    sync: (_: SimulatedProcess, { file }: { file: FileNode }) => this.disk.sync(file),
    statusOf: (_: SimulatedProcess, { file }: { file: FileNode }) => statusFrom(file),
    close: (process: SimulatedProcess, { file }: { file: FileNode }) => {
      // The kernel drops a process's locks of a file with any descriptor of it.
      const key = this.#lockKey(process, file);
      if (this.#locks.get(key)?.process === process) this.#locks.delete(key);
    },
    status: (_: SimulatedProcess, path: string) => {
      const node = this.disk.find(path);
      return node === null ? null : statusFrom(node);
    },
    readFile: (_: SimulatedProcess, path: string) => new TextEncoder().encode(this.disk.readFile(path)),
    sha256: (_: SimulatedProcess, path: string) => this.disk.readFile(path),
    makeReadOnly: (_: SimulatedProcess, path: string) => {
      this.disk.readFile(path);
    },
    removeFile: (process: SimulatedProcess, path: string) => {
      this.#assertMayRemove(process, path);
      this.disk.removeFile(path);
    },
    rename: (process: SimulatedProcess, from: string, to: string) => {
      const node = this.disk.find(from);
      this.disk.rename(from, to);
      if (node !== null) this.#handOver(process, node, to);
    },
    openLock: (process: SimulatedProcess, path: string): { lock: SimulatedLock } => ({
      lock: { node: this.disk.open(path, 'old'), process },
    }),
    tryLock: (process: SimulatedProcess, { lock }: { lock: SimulatedLock }) => {
      const key = this.#lockKey(process, lock.node);
      if (process.locks.has(lock.node) || this.#locks.has(key)) return false;
      process.locks.set(lock.node, lock);
      this.#locks.set(key, lock);
      return true;
    },
    closeLock: (process: SimulatedProcess, { lock }: { lock: SimulatedLock }) => {
      const key = this.#lockKey(process, lock.node);
      if (this.#locks.get(key) === lock) this.#locks.delete(key);
      if (process.locks.get(lock.node) === lock) process.locks.delete(lock.node);
    },
    drawId: () =>
      Math.floor(this.random() * 2 ** 48)
        .toString(16)
        .padStart(12, '0'),
    pause: (process: SimulatedProcess, ms: number) => {
      process.wakesMs = Math.max(process.wakesMs, this.nowMs + ms);
    },
    // Calls of protocols that trust process ids and clocks.
    now: ({ host }: SimulatedProcess) => this.nowMs + host.offMs,
    isAlive: ({ host }: SimulatedProcess, pid: number) =>
      this.#tasks.some(({ process }) => process.host === host && process.pid === pid),
    changedMs: (_: SimulatedProcess, path: string) => this.disk.find(path)?.changedMs ?? null,
  };

  #lockKey({ host }: SimulatedProcess, { id }: FileNode): string {
    return this.plan.locksAreShared ? `${id}` : `${id} on host ${this.#hosts.indexOf(host)}`;
  }
}

function statusFrom(node: Node) {
  const bytes = node.kind === 'file' ? Buffer.byteLength(node.content) : 0;
  return { identity: String(node.id), bytes, isFolder: node.kind === 'folder' };
}
