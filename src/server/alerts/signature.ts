import { createHmac } from 'node:crypto';

/** Names of a webhook's headers. */
export const signatureHeader = 'x-spymaster-signature';
export const keyHeader = 'x-spymaster-key';

/** The signature of a body sent at `nowMs`, UNIX milliseconds: `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" as hex>`. */
export function signature(body: string, secret: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  const hex = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${hex}`;
}
