import { SpymasterError } from '../../errors.ts';

/** What the S3 client says of a failure. */
interface ClientFailure {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The HTTP status that a request failed with; null where no answer came. */
export function statusOf(cause: unknown): number | null {
  return (cause as ClientFailure | null)?.$metadata?.httpStatusCode ?? null;
}

/** Names of errors that no second attempt changes, with what they mean and what to do. */
const refusals: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket; make it, or check the name and the endpoint',
  AccessDenied: 'access is denied; the credentials need to list, read, write and delete objects under this address',
  Forbidden: 'access is denied; the credentials need to list, read, write and delete objects under this address',
  InvalidAccessKeyId: 'the access key is not known there; check the credentials and the endpoint',
  SignatureDoesNotMatch: 'the signature is wrong; check the secret key and the region',
  ExpiredToken: 'the session token has expired; sign in again',
  PermanentRedirect: 'the bucket is in another region; set AWS_REGION to it',
  AuthorizationHeaderMalformed: 'the region is wrong; set AWS_REGION to that of the bucket',
  CredentialsProviderError:
    'there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile by AWS_PROFILE',
};

/**
 * The error of a request to object storage: STORAGE_REFUSED where trying again gives the same, else STORAGE_UNREACHABLE.
 * The client's own error is left out: it carries headers, and those the name of a key.
 */
export function storageError(action: string, url: string, cause: unknown): SpymasterError {
  if (cause instanceof SpymasterError) return cause;
  const { name = 'Error', code } = (cause ?? {}) as ClientFailure;
  const status = statusOf(cause);
  const reason = refusals[name] ?? (status === 403 ? refusals.AccessDenied : undefined);
  if (reason !== undefined) {
    return new SpymasterError('STORAGE_REFUSED', `Cannot ${action} ${url}: ${reason}.`, { url, reason: name });
  }
  const said = [code ?? name, ...(status === null ? [] : [`HTTP ${status}`])].join(', ');
  if (status !== null && status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return new SpymasterError(
      'STORAGE_REFUSED',
      `Cannot ${action} ${url}: the storage refuses it (${said}); check the address, the endpoint and the credentials.`,
      { url, reason: name },
    );
  }
  return new SpymasterError(
    'STORAGE_UNREACHABLE',
    `Cannot ${action} ${url}: the storage did not answer as it should (${said}); check the endpoint and the network, and run it again.`,
    { url, reason: code ?? name },
  );
}
