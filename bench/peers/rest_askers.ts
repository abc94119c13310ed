import { parentPort, workerData } from 'node:worker_threads';

/* A thread of REST clients: each asks for all paths again and again, one after the other, until the parent sends a message. */

export interface AskersData {
  readonly address: string;
  readonly clients: number;
  readonly paths: readonly string[];
}

/** How often each status was answered. */
export type AskersReport = Readonly<Record<number, number>>;

const { address, clients, paths } = workerData as AskersData;
const statuses: Record<number, number> = {};
let isOver = false;
parentPort?.once('message', () => {
  isOver = true;
});

await Promise.all(Array.from({ length: clients }, (_, client) => ask(client)));
parentPort?.postMessage(statuses satisfies AskersReport);

/** Every client begins elsewhere, so that all kinds are asked for at once, and each path at least once by one of them. */
async function ask(client: number): Promise<void> {
  const share = Math.ceil(paths.length / clients);
  const offset = client * share;
  for (let asked = 0; asked < share || !isOver; asked++) {
    const answer = await fetch(address + paths[(offset + asked) % paths.length]!);
    await answer.arrayBuffer();
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
  }
}
