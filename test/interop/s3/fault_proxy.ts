import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What happens to an answer: it comes as it is, is 500, comes in pieces with pauses, ends halfway, has a wrong byte, or does not
 * come: while the request never reaches the server, or after it did.
 */
export type Fault = 'none' | 'error' | 'slow' | 'cut' | 'wrong' | 'lost' | 'mute';

export interface Asked {
  readonly method: string;
  /** Path with the query, decoded. */
  readonly path: string;
  readonly condition: string | undefined;
}

/** A proxy before an S3 server that spoils what it is told to. */
export interface FaultProxy {
  readonly endpoint: string;
  /** Requests that were seen, in order. */
  readonly asked: Asked[];
  /** Called for each request. */
  fault: (asked: Asked) => Fault;
  /** Called when the server has done what it was asked in a request whose answer does not come. */
  onMuted: () => void;
  /** Headers of requests that do not reach the server. */
  drop: readonly string[];
  stop(): void;
}

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const server: Server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${port}`,
    asked: [],
    fault: () => 'none',
    onMuted: () => {},
    drop: [],
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  const answer = async (incoming: IncomingMessage, outgoing: import('node:http').ServerResponse) => {
    const condition = incoming.headers['if-none-match'];
    const asked = { method: incoming.method ?? '', path: decodeURIComponent(incoming.url ?? ''), condition };
    proxy.asked.push(asked);
    const fault = proxy.fault(asked);
    for (const name of proxy.drop) delete incoming.headers[name];
    const sent = Buffer.concat(await Array.fromAsync(incoming));
    if (fault === 'lost') return;
    if (fault === 'error') {
      outgoing.writeHead(500, { 'content-type': 'application/xml' });
      outgoing.end('<Error><Code>InternalError</Code></Error>');
      return;
    }
    const { status, headers, body } = await forward(target, incoming, sent);
    if (fault === 'mute') return proxy.onMuted();
    if (fault === 'wrong' && body.length > 0) body[body.length >> 1]! ^= 1;
    outgoing.writeHead(status, headers);
    if (fault === 'cut') {
      outgoing.write(body.subarray(0, body.length >> 1), () => outgoing.destroy());
      return;
    }
    if (fault === 'slow') {
      const step = Math.max(1, Math.ceil(body.length / 8));
      for (let at = 0; at < body.length; at += step) {
        outgoing.write(body.subarray(at, at + step));
        await sleep(60);
      }
      outgoing.end();
      return;
    }
    outgoing.end(body);
  };
  return proxy;
}

function forward(target: string, incoming: IncomingMessage, sent: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
    const { hostname, port } = new URL(target);
    const options = { hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers };
    const outgoing = request(options, (response) => {
      Array.fromAsync(response).then(
        (chunks) =>
          resolve({ status: response.statusCode ?? 500, headers: response.headers, body: Buffer.concat(chunks) }),
        reject,
      );
    });
    outgoing.on('error', reject);
    outgoing.end(sent);
  });
}
