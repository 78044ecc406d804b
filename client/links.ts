/** Links of the server's pages, as the Markdown preview follows them. */

/**
 * The preview shows no link to a `file:` address. One that begins with a slash it follows within the first folder of the
 * workspace, and from there to the others; what no such path leads to is opened by the editor's own scheme.
 * @param root address of the first folder of the workspace
 */
export function previewLinks(markdown: string, root: string | undefined): string {
  const from = root === undefined ? undefined : partsOf(root);
  return markdown.replace(/\]\((file:\/\/[^\s()#]*)(?:#L(\d+))?\)/g, (whole, address: string, line?: string) => {
    const to = partsOf(address);
    if (!to) return whole;
    const way = from && wayBetween(from, to);
    if (way) return `](/${way.map(encoded).join("/")}${line === undefined ? "" : `#L${line}`})`;
    const host = to.host === "" ? "" : `//${to.host}`;
    return `](vscode://file${host}/${to.names.map(encoded).join("/")}${line === undefined ? "" : `:${line}`})`;
  });
}

interface Parts {
  readonly host: string;
  /** Decoded. */
  readonly names: readonly string[];
}

function partsOf(address: string): Parts | undefined {
  const [, host, path] = /^file:\/\/([^/]*)\/(.*)$/.exec(address) ?? [];
  if (host === undefined || path === undefined) return undefined;
  try {
    return {
      host,
      names: path
        .split("/")
        .filter((it) => it !== "")
        .map(decodeURIComponent),
    };
  } catch {
    return undefined;
  }
}

function wayBetween(from: Parts, to: Parts): readonly string[] | undefined {
  const isDrive = (it: string | undefined): boolean => it !== undefined && /^[a-z]:$/i.test(it);
  if (from.host !== to.host) return undefined;
  if ((isDrive(from.names[0]) || isDrive(to.names[0])) && from.names[0] !== to.names[0]) return undefined;
  let same = 0;
  while (same < from.names.length && same < to.names.length - 1 && from.names[same] === to.names[same]) same++;
  return [...from.names.slice(same).map(() => ".."), ...to.names.slice(same)];
}

const encoded = (name: string): string =>
  encodeURIComponent(name).replace(/[()!'*]/g, (it) => `%${it.charCodeAt(0).toString(16)}`);
