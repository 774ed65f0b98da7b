import { AmphiError, errorBody } from '@amphi/protocol';
import type { ApiCall, ApiOutput, Endpoint } from '@amphi/protocol/api';
import { z } from 'zod';
import { CliError } from './cli-error.ts';
import type { Target } from './target.ts';

/** Longer than the server takes for anything. */
const TIMEOUT_MS = 30_000;

/** The REST API, typed by its endpoints. */
export interface ApiClient {
  /** Calls an endpoint. Rejects with CliError, whose message says what the server refused. */
  call<E extends Endpoint>(endpoint: E, input?: ApiCall<E>): Promise<ApiOutput<E>>;
  /** Calls an endpoint that answers with a file. */
  download<E extends Endpoint>(endpoint: E, input?: ApiCall<E>): Promise<AsyncIterable<Uint8Array>>;
}

/** A call, whatever the endpoint. */
type Call = { params?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown };

export function createApiClient({ url, key }: Target): ApiClient {
  if (key === undefined) {
    throw new CliError(
      'There is no key for the server. On its own machine start it once, or name its data folder with --data-dir; from elsewhere give --server, and a key in AMPHI_API_KEY or --key-file.',
    );
  }

  async function send(endpoint: Endpoint, { params = {}, query = {}, body }: Call): Promise<Response> {
    const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
    const address = new URL(`/api/v1${path}`, url);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) address.searchParams.set(name, String(value));
    }
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const init = { method: endpoint.verb.toUpperCase(), headers, signal, redirect: 'error' as const };
    try {
      return await fetch(address, body === undefined ? init : { ...init, body: JSON.stringify(body) });
    } catch (error) {
      throw new CliError(`The server at ${url} cannot be reached (${reason(error)}). Is it running?`);
    }
  }

  async function asked(endpoint: Endpoint, input: Call): Promise<Response> {
    const response = await send(endpoint, input);
    if (response.ok) return response;
    throw await refusal(response);
  }

  return {
    async call(endpoint, input = {}) {
      const response = await asked(endpoint, input as Call);
      const answer = endpoint.output?.parse(await response.json());
      return answer as ApiOutput<typeof endpoint>;
    },

    async download(endpoint, input = {}) {
      const { body } = await asked(endpoint, input as Call);
      return body ?? new ReadableStream<Uint8Array>();
    },
  };
}

async function refusal(response: Response): Promise<CliError> {
  const parsed = z.object({ error: errorBody }).safeParse(await response.json().catch(() => undefined));
  if (!parsed.success)
    return new CliError(`What answers there is no Amphi, or an older one (HTTP ${response.status}).`);
  const { code, message, path } = AmphiError.fromBody(parsed.data.error);
  const where = path === undefined ? '' : ` (${path})`;
  return new CliError(`Refused, ${code}: ${message}${where}.`);
}

function reason(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}
