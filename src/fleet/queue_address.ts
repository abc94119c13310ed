import { isIP } from 'node:net';
import { SpymasterError } from '../errors.ts';

/** How to reach a Redis. */
export interface QueueConnection {
  /** Without a password: for messages. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  /** Of TLS: the name that the certificate must have, where that is not the address itself. */
  readonly tls?: { readonly servername?: string };
}

/** Environment variables that name a user of Redis and its password. */
export const usernameVariable = 'SPYMASTER_REDIS_USERNAME';
export const passwordVariable = 'SPYMASTER_REDIS_PASSWORD';

/**
 * The connection of an address `redis://HOST[:PORT][/DATABASE]`, or `rediss://` for TLS; user and password come from the
 * environment. Throws USAGE for another form, and for a password in the address, where every user of the machine can read it.
 */
export function queueConnection(address: string, env: NodeJS.ProcessEnv): QueueConnection {
  const refuse = (why: string) =>
    new SpymasterError(
      'USAGE',
      `Cannot use the queue's address: ${why}; write it as redis://HOST:6379, or rediss:// for TLS.`,
    );
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    throw refuse('expected redis://HOST or rediss://HOST');
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse(`it holds a user or a password, which belong into ${usernameVariable} and ${passwordVariable}`);
  }
  const database = /^\/?(\d{1,4})?$/.exec(url.pathname);
  if (database === null || url.search !== '' || url.hash !== '')
    throw refuse('expected only a database, a number, after the host');
  const [username, password] = [env[usernameVariable], env[passwordVariable]];
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    ...{ address: `${url.protocol}//${url.host}${url.pathname}`, host },
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(database[1] ?? 0),
    ...(username === undefined || username === '' ? {} : { username }),
    ...(password === undefined || password === '' ? {} : { password }),
    ...(url.protocol === 'rediss:' ? { tls: isIP(host) === 0 ? { servername: host } : {} } : {}),
  };
}
