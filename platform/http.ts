/**
 * The network as it is lent to the rest: one bounded HTTP request. A time limit covers the whole exchange, an answer
 * has a largest size, a token goes to its one origin and nowhere else, and every failure has a kind that can be put
 * into words. Never throws.
 */
import { trustSystem } from "./network.ts";

export interface HttpRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for the whole exchange, redirects and body included. */
  readonly timeoutMs: number;
  /** Bytes of the body, after decompression. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export type HttpFailure =
  | "bad-address"
  | "refused"
  | "unknown-host"
  | "stalled"
  | "certificate"
  | "no-tls"
  | "too-large"
  | "redirects"
  | "cut-off"
  | "unreachable"
  | "aborted";

export type HttpAnswer =
  | {
      readonly ok: true;
      readonly status: number;
      readonly contentType: string;
      readonly text: string;
      /** Where the answer came from, if redirected. */
      readonly redirectedTo?: string;
    }
  | { readonly ok: false; readonly failure: HttpFailure; readonly detail: string };

/**
 * A secret for one origin (`https://host:port`). `user:password` is sent as `Basic` (no token may hold a colon), a value
 * that names its scheme as it is, anything else as `Bearer`.
 */
export interface OriginToken {
  readonly origin: string;
  readonly token: string;
}

const maxRedirects = 3;

/** Headers that may follow a redirect to another origin; anything else may be a secret. */
const harmless = new Set(["accept", "content-type", "user-agent"]);

/**
 * A bounded fetch. `tokens` are read at each request, so that a token set later counts; each is added as
 * `Authorization` to requests for its origin only.
 */
export function createHttp(
  tokens: () => readonly OriginToken[] = () => [],
): (request: HttpRequest) => Promise<HttpAnswer> {
  return async (request) => {
    const answer = await exchange(request, tokens());
    // Companies put their own authority into the system's store, which takes a while to read and is seldom needed.
    const isDistrusted = !answer.ok && answer.failure === "certificate";
    return isDistrusted && trustSystem() ? exchange(request, tokens()) : answer;
  };
}

async function exchange(request: HttpRequest, tokens: readonly OriginToken[]): Promise<HttpAnswer> {
  const first = parseUrl(request.url);
  if (first === undefined) return { ok: false, failure: "bad-address", detail: "not an http or https address" };
  const limit = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? limit : AbortSignal.any([limit, request.signal]);
  let url = first;
  let { method, body } = request;
  try {
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const response = await fetch(url, {
        method,
        headers: headersFor(url, first, request.headers, tokens),
        ...(body === undefined ? {} : { body }),
        redirect: "manual",
        signal,
      });
      const location = response.status >= 300 && response.status < 400 ? response.headers.get("location") : null;
      if (location === null) {
        const text = await readBounded(response, request.maxBytes);
        if (text === undefined)
          return { ok: false, failure: "too-large", detail: `> ${request.maxBytes / 1_000_000} MB` };
        return {
          ok: true,
          status: response.status,
          contentType: response.headers.get("content-type") ?? "",
          text,
          ...(hop === 0 ? {} : { redirectedTo: url.origin }),
        };
      }
      await response.body?.cancel();
      const next = parseUrl(location, url);
      if (next === undefined) return { ok: false, failure: "redirects", detail: "→ not http" };
      // A plain address after an encrypted one would send queries in the open.
      if (url.protocol === "https:" && next.protocol === "http:")
        return { ok: false, failure: "redirects", detail: "https → http" };
      if (response.status === 303) {
        method = "GET";
        body = undefined;
      }
      url = next;
    }
    return { ok: false, failure: "redirects", detail: `> ${maxRedirects}` };
  } catch (error) {
    if (request.signal?.aborted === true) return { ok: false, failure: "aborted", detail: "given up" };
    if (limit.aborted) return { ok: false, failure: "stalled", detail: `${request.timeoutMs} ms` };
    return failureOf(error);
  }
}

function parseUrl(text: string, base?: URL): URL | undefined {
  if (!URL.canParse(text, base?.href)) return undefined;
  const url = new URL(text, base?.href);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  // fetch refuses addresses with credentials, and they would end up in messages.
  return url.username === "" && url.password === "" ? url : undefined;
}

function headersFor(
  url: URL,
  first: URL,
  headers: Readonly<Record<string, string>>,
  tokens: readonly OriginToken[],
): Headers {
  const result = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (url.origin !== first.origin && !harmless.has(name.toLowerCase())) continue;
    try {
      result.set(name, value);
    } catch {
      // A header that cannot be sent is left out: the server's answer will say what it misses.
    }
  }
  const token = tokens.find((each) => each.origin === url.origin)?.token;
  // Only on the origin first asked: a redirect must not be able to fetch out another origin's token either.
  if (token !== undefined && token !== "" && url.origin === first.origin) {
    try {
      result.set("authorization", authorizationFor(token));
    } catch {
      // As above.
    }
  }
  return result;
}

function authorizationFor(token: string): string {
  if (/^(basic|bearer) /i.test(token)) return token;
  if (!token.includes(":")) return `Bearer ${token}`;
  const bytes = new TextEncoder().encode(token);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** The body as text, or undefined once it is larger than allowed; what follows is not read. */
async function readBounded(response: Response, maxBytes: number): Promise<string | undefined> {
  const announced = Number(response.headers.get("content-length") ?? Number.NaN);
  if (announced > maxBytes) {
    await response.body?.cancel();
    return undefined;
  }
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    parts.push(decoder.decode(value, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join("");
}

function failureOf(error: unknown): HttpAnswer {
  const code = codeOf(error);
  const failure = ((): HttpFailure => {
    if (code === "ECONNREFUSED") return "refused";
    if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "unknown-host";
    if (/TIMEOUT|ETIMEDOUT/.test(code)) return "stalled";
    if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) return "certificate";
    // What answers there speaks no TLS: mostly a plain port behind an https address.
    if (/ERR_SSL|ERR_TLS|EPROTO/.test(code)) return "no-tls";
    if (/ECONNRESET|EPIPE|UND_ERR_SOCKET|TERMINATED|HPE_|UND_ERR_RES|Z_/.test(code)) return "cut-off";
    return "unreachable";
  })();
  return { ok: false, failure, detail: code };
}

/** The system's code of an error, looked for in its causes: fetch wraps the real one. */
function codeOf(error: unknown): string {
  for (let each: unknown = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    if ("code" in each && typeof each.code === "string") return each.code;
    if (each instanceof AggregateError && each.errors.length > 0) return codeOf(each.errors[0]);
    if (each.message === "terminated" && each.cause === undefined) return "TERMINATED";
  }
  return "";
}
