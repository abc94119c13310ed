/** Those who asked a thread whether it answers. */
export class Pings {
  #waiting: (() => void)[] = [];

  /** Whether `answer` is called within a while. */
  answeredWithin(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs).unref();
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  /** The thread has answered, or is gone. */
  answer(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const answer of waiting) answer();
  }
}
