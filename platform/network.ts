/**
 * What the machine says of the network, for `fetch`, which asks for neither by itself: its proxies, and the authorities
 * that it trusts.
 */
import { createRequire } from "node:module";

/** Loaded by those who need them: together they take as long to start as the rest of Node. */
const load = createRequire(import.meta.url);

/** Addresses of the machine itself are no proxy's business. */
const LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/**
 * Sends requests through the proxies that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, in either
 * case). Does nothing where it names none, or where this Node cannot (before 24.14 `NODE_USE_ENV_PROXY=1` does it).
 *
 * @throws nothing: a proxy's address that cannot be read is left out, and the connection says so
 */
export function useProxies(env: Readonly<Record<string, string | undefined>>): void {
  const of = (name: string) => env[name.toLowerCase()] || env[name];
  const [https, plain] = [of("HTTPS_PROXY"), of("HTTP_PROXY")];
  if (!https && !plain) return;
  const use = (load("node:http") as { readonly setGlobalProxyFromEnv?: (env: Record<string, string>) => unknown })
    .setGlobalProxyFromEnv;
  try {
    use?.({
      ...(https ? { HTTPS_PROXY: https } : {}),
      ...(plain ? { HTTP_PROXY: plain } : {}),
      NO_PROXY: [of("NO_PROXY"), ...LOOPBACK].filter((it) => it).join(","),
    });
  } catch {
    // As if none were named.
  }
}

let isTrusted = false;

/** Trusts the authorities of the system beside Node's own. False where that changes nothing, or this Node cannot. */
export function trustSystem(): boolean {
  if (isTrusted) return false;
  const tls = load("node:tls") as typeof import("node:tls");
  if (!tls.setDefaultCACertificates || !tls.getCACertificates) return false;
  isTrusted = true;
  try {
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), ...tls.getCACertificates("system")]);
    return true;
  } catch {
    return false;
  }
}
