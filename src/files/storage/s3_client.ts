import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { SpymasterError } from '../../errors.ts';

export type S3Library = typeof import('@aws-sdk/client-s3');

/** The version of the S3 client that this package is tested with. */
const package_ = '@aws-sdk/client-s3@3.1175.0';

/** Loads the optional S3 client. Throws PACKAGE_MISSING, also for a runtime that is too old for it. */
export async function loadS3Library(load: () => Promise<S3Library> = () => import('@aws-sdk/client-s3')) {
  try {
    return await load();
  } catch (cause) {
    const { code, message = String(cause) } = cause as { code?: string; message?: string };
    if (code === 'ERR_MODULE_NOT_FOUND') {
      throw new SpymasterError(
        'PACKAGE_MISSING',
        `Cannot use a lake on object storage: it needs the S3 client; \`npm install ${package_}\` provides it.`,
        { package: package_ },
      );
    }
    throw new SpymasterError(
      'PACKAGE_MISSING',
      `Cannot use a lake on object storage: the S3 client does not run on Node ${process.versions.node} ` +
        `(${message.split('\n')[0]}); use a newer Node, or \`npm install ${package_}\`.`,
      { package: package_ },
    );
  }
}

/** A bucket's client, and the endpoint that it speaks to; null for that of AWS. */
export interface OpenedClient {
  readonly client: S3Client;
  readonly endpoint: string | null;
}

/**
 * A client that is configured as every tool of AWS is: by the environment, by profiles, by the machine's role. Checksums are
 * sent only where the protocol requires them, since other providers refuse the client's default, unless AWS_REQUEST_CHECKSUM_CALCULATION
 * or AWS_RESPONSE_CHECKSUM_VALIDATION says otherwise. Buckets of another endpoint are named in the path, as all of them allow.
 */
export async function openS3Client({ S3Client }: S3Library, silentMs: number): Promise<OpenedClient> {
  const config: S3ClientConfig = {
    ...(process.env.AWS_REQUEST_CHECKSUM_CALCULATION ? {} : { requestChecksumCalculation: 'WHEN_REQUIRED' }),
    ...(process.env.AWS_RESPONSE_CHECKSUM_VALIDATION ? {} : { responseChecksumValidation: 'WHEN_REQUIRED' }),
    requestHandler: { connectionTimeout: Math.min(5000, silentMs), socketTimeout: silentMs },
  };
  const probe = new S3Client(config);
  const endpoint = (await probe.config.serviceConfiguredEndpoint?.()) ?? null;
  const hasRegion = await probe.config.region().then(
    () => true,
    () => false,
  );
  probe.destroy();
  const client = new S3Client({
    ...config,
    ...(endpoint !== null && { forcePathStyle: true }),
    // Other providers have no regions, or take any name.
    ...(!hasRegion && { region: 'us-east-1' }),
  });
  return { client, endpoint };
}
