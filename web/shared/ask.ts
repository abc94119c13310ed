/** An answer of the server that is not the one asked for, in words for the reader. */
export class ApiError extends Error {
  readonly code: string;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.fields = fields;
  }
}

interface ErrorBody {
  readonly error?: { readonly code: string; readonly message: string; readonly fields?: Record<string, unknown> };
}

/** The server's answer as JSON. @throws ApiError */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError('UNREACHABLE', 'The server does not answer. Start it with `npx spymaster serve`.');
  }
  const body = (await response.json().catch(() => null)) as T | ErrorBody | null;
  if (response.ok && body !== null) return body as T;
  const error = (body as ErrorBody | null)?.error;
  throw new ApiError(
    error?.code ?? 'UNEXPECTED',
    error?.message ?? `The server answered ${response.status} to ${path}, without saying why.`,
    error?.fields,
  );
}

/** Asks for a change. @throws ApiError */
export function askFor<T>(path: string, body: object = {}, signal?: AbortSignal): Promise<T> {
  return ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(signal === undefined ? {} : { signal }),
    body: JSON.stringify(body),
  });
}
