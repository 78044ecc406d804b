/** How long Node's own HTTP server keeps an idle connection, by version. */

/**
 * 5 s since 8.0; measured on 20.20.2, 22.23.3, 24.21.0, 25.9.0 and 26.10.0 (`http.createServer().keepAliveTimeout`). Raised
 * to 65 s on the main branch (nodejs/node pull request 62782), so first in 27.
 */
const SINCE: readonly { readonly major: number; readonly ms: number }[] = [
  { major: 27, ms: 65_000 },
  { major: 8, ms: 5_000 },
];

/** Milliseconds; a version that is not known is taken for a released one. */
export function nodeKeepAliveMs(version: string | undefined): number {
  const major = Number(/^\d+/.exec(version ?? "")?.[0] ?? 24);
  return SINCE.find((it) => major >= it.major)?.ms ?? 5_000;
}
