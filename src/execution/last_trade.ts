const noSide = 'N'.charCodeAt(0);

/** The last T of a feed: whose it was, and whether an execution followed it. */
export class LastTrade {
  #idLo = 0;
  #idHi = 0;
  #sideChar = 0;
  #isAlone = false;
  #alone = 0;

  /** Whether it names no side: implied, hidden, or of an auction. */
  get isWithoutSide(): boolean {
    return this.#sideChar === noSide;
  }

  /** Notes a T; tells how many before it no execution of an order followed. */
  note(idLo: number, idHi: number, sideChar: number): number {
    const alone = this.end();
    this.#idLo = idLo;
    this.#idHi = idHi;
    this.#sideChar = sideChar;
    this.#isAlone = true;
    return alone;
  }

  /** Notes an execution, of an order that may be unknown. */
  execute(): void {
    this.#isAlone = false;
  }

  /** Whether an execution is the aggressor's own: of an order that had been resting and was moved through the spread. */
  isOwn(idLo: number, idHi: number, sideChar: number): boolean {
    return idLo === this.#idLo && idHi === this.#idHi && sideChar === this.#sideChar;
  }

  /** Nothing follows it any more; tells how many trades no execution of an order followed. */
  end(): number {
    if (this.#isAlone) this.#alone++;
    this.#isAlone = false;
    return this.#alone;
  }
}
