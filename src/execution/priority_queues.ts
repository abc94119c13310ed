import { assert } from '../errors.ts';
import { enlarged } from './enlarged.ts';

const noNode = -1;

function hashOf(idLo: number, idHi: number): number {
  let h = Math.imul(idLo ^ Math.imul(idHi, 0x85ebca6b), 0x9e3779b1);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b3c6d) >>> 0;
}

/**
 * The real orders of a book in price-time priority: a doubly linked list a level, and an open-addressing table from order ids
 * to nodes. A node number names an order until the order leaves. Stamps rise with every place that is taken in any queue, so
 * that one comparison says which of two orders of a level stands before the other.
 */
export class PriorityQueues {
  /** The stamp that was given last. */
  lastStamp = 0;
  #capacity = 4096;
  #idLo = new Int32Array(this.#capacity);
  #idHi = new Int32Array(this.#capacity);
  /** 0 of a node without an order. */
  #sides = new Uint8Array(this.#capacity);
  #prices = new Float64Array(this.#capacity);
  #sizes = new Float64Array(this.#capacity);
  #stamps = new Float64Array(this.#capacity);
  #executed = new Float64Array(this.#capacity);
  #executedEvents = new Float64Array(this.#capacity);
  #previous = new Int32Array(this.#capacity);
  #next = new Int32Array(this.#capacity);
  #levels = new Int32Array(this.#capacity);
  /** Nodes that never held an order start here; those that lost one are chained from `#free` by `#next`. */
  #used = 0;
  #free = noNode;

  /** Node + 1 at the place of its id; 0 where there is none. */
  #table = new Int32Array(this.#capacity * 4);
  #levelCount = 0;
  #heads = new Int32Array(256);
  #tails = new Int32Array(256);
  /** Level numbers by price, of each side (`sideBid`, `sideAsk`). A level stays when its last order leaves. */
  readonly #levelsByPrice: readonly Map<number, number>[] = [new Map(), new Map(), new Map()];

  /** The node of an order; −1 where none of that id rests. */
  find(idLo: number, idHi: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    for (let at = hashOf(idLo, idHi) & mask; ; at = (at + 1) & mask) {
      const node = table[at]! - 1;
      if (node < 0) return noNode;
      if (this.#idLo[node] === idLo && this.#idHi[node] === idHi) return node;
    }
  }

  /** Puts a new order at the back of its level. */
  add(idLo: number, idHi: number, side: number, price: number, size: number): number {
    assert(this.find(idLo, idHi) === noNode && side !== 0, 'an order that enters a queue rests in none');
    if (this.#free === noNode && this.#used === this.#capacity) this.#grow();
    const node = this.#free === noNode ? this.#used++ : this.#free;
    if (node === this.#free) this.#free = this.#next[node]!;
    this.#idLo[node] = idLo;
    this.#idHi[node] = idHi;
    this.#sizes[node] = size;
    this.#executedEvents[node] = Number.NEGATIVE_INFINITY;
    this.#index(node);
    this.#append(node, side, price);
    return node;
  }

  /** Gives an order another place: the back of the level of `side` and `price`. */
  move(node: number, side: number, price: number): void {
    this.#unlink(node);
    this.#append(node, side, price);
  }

  resize(node: number, size: number): void {
    this.#sizes[node] = size;
  }

  remove(node: number): void {
    this.#unlink(node);
    this.#forget(node);
    this.#sides[node] = 0;
    this.#next[node] = this.#free;
    this.#free = node;
  }

  clear(): void {
    this.#table.fill(0);
    this.#sides.fill(0);
    this.#used = 0;
    this.#free = noNode;
    this.#levelCount = 0;
    for (const levels of this.#levelsByPrice) levels.clear();
  }

  side(node: number): number {
    return this.#sides[node]!;
  }

  price(node: number): number {
    return this.#prices[node]!;
  }

  size(node: number): number {
    return this.#sizes[node]!;
  }

  stamp(node: number): number {
    return this.#stamps[node]!;
  }

  /** The size that was executed of an order in event `event` since its last modify or partial cancel. */
  executed(node: number, event: number): number {
    return this.#executedEvents[node] === event ? this.#executed[node]! : 0;
  }

  /** Whether anything of an order was executed in event `event`. */
  wasExecuted(node: number, event: number): boolean {
    return this.#executedEvents[node] === event;
  }

  /** Notes an execution in event `event`. */
  execute(node: number, size: number, event: number): void {
    this.#executed[node] = this.executed(node, event) + size;
    this.#executedEvents[node] = event;
  }

  /** Forgets what was executed: a modify or cancel has told what is left. */
  settle(node: number): void {
    this.#executed[node] = 0;
  }

  /** The first order of a level; −1 where nothing rests. Walk on with `next`. */
  first(side: number, price: number): number {
    const level = this.#levelsByPrice[side]!.get(price);
    return level === undefined ? noNode : this.#heads[level]!;
  }

  /** The order behind; −1 at the end of a level. */
  next(node: number): number {
    return this.#next[node]!;
  }

  /** Displayed quantity of the orders of a level whose stamp is below `beforeStamp`. */
  quantity(side: number, price: number, beforeStamp: number): number {
    let sum = 0;
    for (let node = this.first(side, price); node !== noNode; node = this.#next[node]!) {
      if (this.#stamps[node]! >= beforeStamp) break;
      sum += this.#sizes[node]!;
    }
    return sum;
  }

  /** Calls `visit` with the node of each order of a side, in no particular order. */
  forEach(side: number, visit: (node: number) => void): void {
    for (let node = 0; node < this.#used; node++) if (this.#sides[node] === side) visit(node);
  }

  #append(node: number, side: number, price: number): void {
    const level = this.#levelOf(side, price);
    const tail = this.#tails[level]!;
    this.#sides[node] = side;
    this.#prices[node] = price;
    this.#levels[node] = level;
    this.#stamps[node] = ++this.lastStamp;
    this.#previous[node] = tail;
    this.#next[node] = noNode;
    if (tail === noNode) this.#heads[level] = node;
    else this.#next[tail] = node;
    this.#tails[level] = node;
  }

  #unlink(node: number): void {
    const level = this.#levels[node]!;
    const previous = this.#previous[node]!;
    const next = this.#next[node]!;
    if (previous === noNode) this.#heads[level] = next;
    else this.#next[previous] = next;
    if (next === noNode) this.#tails[level] = previous;
    else this.#previous[next] = previous;
  }

  #levelOf(side: number, price: number): number {
    const levels = this.#levelsByPrice[side]!;
    const known = levels.get(price);
    if (known !== undefined) return known;
    if (this.#levelCount === this.#heads.length) {
      this.#heads = enlarged(this.#heads, new Int32Array(this.#levelCount * 2));
      this.#tails = enlarged(this.#tails, new Int32Array(this.#levelCount * 2));
    }
    const level = this.#levelCount++;
    this.#heads[level] = noNode;
    this.#tails[level] = noNode;
    levels.set(price, level);
    return level;
  }

  #index(node: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let at = hashOf(this.#idLo[node]!, this.#idHi[node]!) & mask;
    while (table[at] !== 0) at = (at + 1) & mask;
    table[at] = node + 1;
  }

  /** Takes a node out of the table and closes the gap that it leaves in its probe run. */
  #forget(node: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let gap = hashOf(this.#idLo[node]!, this.#idHi[node]!) & mask;
    while (table[gap] !== node + 1) gap = (gap + 1) & mask;
    for (let next = (gap + 1) & mask; table[next] !== 0; next = (next + 1) & mask) {
      const moved = table[next]! - 1;
      const home = hashOf(this.#idLo[moved]!, this.#idHi[moved]!) & mask;
      if (((next - home) & mask) < ((next - gap) & mask)) continue;
      table[gap] = table[next]!;
      gap = next;
    }
    table[gap] = 0;
  }

  #grow(): void {
    const capacity = this.#capacity * 2;
    this.#idLo = enlarged(this.#idLo, new Int32Array(capacity));
    this.#idHi = enlarged(this.#idHi, new Int32Array(capacity));
    this.#sides = enlarged(this.#sides, new Uint8Array(capacity));
    this.#prices = enlarged(this.#prices, new Float64Array(capacity));
    this.#sizes = enlarged(this.#sizes, new Float64Array(capacity));
    this.#stamps = enlarged(this.#stamps, new Float64Array(capacity));
    this.#executed = enlarged(this.#executed, new Float64Array(capacity));
    this.#executedEvents = enlarged(this.#executedEvents, new Float64Array(capacity));
    this.#previous = enlarged(this.#previous, new Int32Array(capacity));
    this.#next = enlarged(this.#next, new Int32Array(capacity));
    this.#levels = enlarged(this.#levels, new Int32Array(capacity));
    this.#capacity = capacity;
    this.#table = new Int32Array(capacity * 4);
    for (let node = 0; node < this.#used; node++) if (this.#sides[node] !== 0) this.#index(node);
  }
}
