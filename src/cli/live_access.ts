import type { LiveAccess } from '../databento/live/index.ts';
import { programVersion } from './version.ts';

/** Shown to a gateway on this machine by those who have no key: our own takes any. */
const practiceKey = 'db-practice-without-a-key';

/**
 * Where and as whom a command opens live sessions of a dataset: at the vendor's gateway, or at `gateway` (`host:port`), with the key of
 * the environment. Throws what `gatewayAddress` does.
 */
export async function liveAccess(dataset: string, gateway: string | undefined): Promise<LiveAccess> {
  const { gatewayAddress } = await import('../databento/live/index.ts');
  const address = gatewayAddress(dataset, gateway);
  const isLocal = gateway !== undefined && /^(?:127\.|localhost$|::1$)/.test(address.host);
  const key = process.env.DATABENTO_API_KEY ?? (isLocal ? practiceKey : '');
  return { address, key, dataset, client: `Spymaster/${programVersion()}` };
}
