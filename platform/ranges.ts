/**
 * What a workspace says of versions beside its dependencies: catalogs that `catalog:` refers to, and ranges that replace
 * everybody's (`overrides`, `resolutions`).
 */
import { field, recordOf, textField } from "./json.ts";

export interface WorkspaceRanges {
  /** By the catalog's name, "default" for the one without; then by package. */
  readonly catalogs: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly overrides: ReadonlyMap<string, string>;
}

const PACKAGE = /^(?:@[\w.~-]+\/)?[\w.~-]+$/;

/** Sections of pnpm-workspace.yaml and .yarnrc.yml, which are flat: `catalog`, `catalogs`, `overrides`. */
export function rangesOfYaml(text: string): WorkspaceRanges {
  const catalogs = new Map<string, Map<string, string>>();
  const overrides = new Map<string, string>();
  let section = "";
  let group = "default";
  for (const line of text.split("\n")) {
    const content = line.trim();
    if (content === "" || content.startsWith("#")) continue;
    const indent = line.length - line.trimStart().length;
    const [, written, value = ""] = /^('[^']*'|"[^"]*"|[^'":\s][^:\s]*)\s*:(?:\s+(.*))?$/.exec(content) ?? [];
    if (indent === 0) {
      section = written ?? "";
      group = "default";
    } else if (written !== undefined && (section === "catalog" || section === "catalogs" || section === "overrides")) {
      const name = written.replace(/^['"]|['"]$/g, "");
      const range = value.replace(/\s+#.*$/, "").replace(/^['"]|['"]$/g, "");
      if (section === "overrides") {
        if (range !== "" && PACKAGE.test(name)) overrides.set(name, range);
      } else if (range === "") group = name;
      else add(catalogs, group, name, range);
    }
  }
  return { catalogs, overrides };
}

/** The same in a package.json: bun's catalogs, npm's `overrides`, pnpm's within `pnpm`, yarn's `resolutions`. */
export function rangesOfManifest(manifest: unknown): WorkspaceRanges {
  const catalogs = new Map<string, Map<string, string>>();
  const overrides = new Map<string, string>();
  for (const holder of [manifest, field(manifest, "workspaces")]) {
    for (const [name, range] of texts(field(holder, "catalog"))) add(catalogs, "default", name, range);
    for (const [group, named] of Object.entries(recordOf(field(holder, "catalogs"))))
      for (const [name, range] of texts(named)) add(catalogs, group, name, range);
  }
  const replaced = [
    field(manifest, "overrides"),
    field(field(manifest, "pnpm"), "overrides"),
    field(manifest, "resolutions"),
  ];
  for (const it of replaced)
    for (const [name, given] of Object.entries(recordOf(it))) {
      // `{ "axios": { ".": "1.6.0" } }`; what is replaced below another package alone is not ours.
      const range = typeof given === "string" ? given : textField(given, ".");
      const plain = name.replace(/^\*\*\//, "");
      // `$axios` is what the manifest itself asks for.
      if (range !== undefined && !range.startsWith("$") && PACKAGE.test(plain)) overrides.set(plain, range);
    }
  return { catalogs, overrides };
}

function texts(of: unknown): readonly [string, string][] {
  return Object.entries(recordOf(of)).flatMap(([name, range]): [string, string][] =>
    typeof range === "string" ? [[name, range]] : [],
  );
}

function add(catalogs: Map<string, Map<string, string>>, group: string, name: string, range: string): void {
  const known = catalogs.get(group);
  if (known) known.set(name, range);
  else catalogs.set(group, new Map([[name, range]]));
}
