/** What a program that worked through a file says of it, as JSON on its standard output; those in Rust and Python say the same. */
export interface PeerReport extends Omit<WorkDone, 'records'> {
  /** Null for a program that knows none. */
  readonly records: number | null;
  /** Wall time of the work; the program's own start is not part of it. */
  readonly seconds: number;
  /** CPU time of all its threads meanwhile; null where it is not known. */
  readonly cpuSeconds: number | null;
}

export interface WorkDone {
  readonly records: number;
  /** Of what was computed; null where nothing was. */
  readonly hash: string | null;
  /** Orders that rest at the end, of a program that says so. */
  readonly orders?: number;
}

/** Does the work on the clock. */
export async function reportOf(work: () => Promise<WorkDone>): Promise<PeerReport> {
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const done = await work();
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ...done, seconds, cpuSeconds: (user + system) / 1e6 };
}
