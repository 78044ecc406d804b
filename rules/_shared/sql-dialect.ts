/** Which database a migration is for: from the schema or configuration of its tool nearest to it, else from the drivers installed. */
import type { DocumentFile, DocumentFiles, RuleContext } from "../../engine/index.ts";

export type MigrationDialect = "postgresql" | "mysql" | "sqlite" | "other";

const known = new WeakMap<DocumentFiles, Map<string, MigrationDialect | undefined>>();

/** Undefined where it cannot be told, or where several are in use. */
export function dialectOf(path: string, context: RuleContext): MigrationDialect | undefined {
  const folder = folderOf(path);
  let byFolder = known.get(context.documents);
  if (!byFolder) {
    byFolder = new Map();
    known.set(context.documents, byFolder);
  }
  if (!byFolder.has(folder)) byFolder.set(folder, find(path, folder, context));
  return byFolder.get(folder);
}

function find(path: string, folder: string, context: RuleContext): MigrationDialect | undefined {
  if (path.endsWith("/migration.sql") || path.endsWith(".prisma")) return ofPrisma(folder, context);
  return ofJournal(folder, context) ?? ofConfig(folder, context) ?? ofDrivers(folder, context);
}

/** The data source of the Prisma schema that shares most of the way. */
function ofPrisma(folder: string, { documents }: RuleContext): MigrationDialect | undefined {
  const found = documents.paths.flatMap((it) => {
    const provider = it.endsWith(".prisma") ? providerOf(documents.get(it)) : undefined;
    return provider === undefined ? [] : [{ near: shared(folder, folderOf(it)), provider }];
  });
  const nearest = Math.max(...found.map((it) => it.near));
  return agreed(found.filter((it) => it.near === nearest).map((it) => dialectNamed(it.provider)));
}

function providerOf(document: DocumentFile | undefined): string | undefined {
  const source = /^\s*datasource\s+\w+\s*\{([^}]*)\}/m.exec(document?.text ?? "")?.[1];
  return /^\s*provider\s*=\s*"(\w+)"/m.exec(source ?? "")?.[1];
}

/** Drizzle keeps the dialect beside its migrations. */
function ofJournal(folder: string, { text }: RuleContext): MigrationDialect | undefined {
  const journal = text(folder === "" ? "meta/_journal.json" : `${folder}/meta/_journal.json`);
  const dialect = /"dialect"\s*:\s*"(\w+)"/.exec(journal ?? "")?.[1];
  return dialect === undefined ? undefined : dialectNamed(dialect);
}

const CONFIG = /(?:^|\/)(?:drizzle(?:[.-]\w+)*\.config|knexfile|mikro-orm(?:[.-]\w+)*\.config)\.[cm]?[jt]s$/;

function ofConfig(folder: string, { program, text }: RuleContext): MigrationDialect | undefined {
  const found = [...program.files.keys()].flatMap((it) => {
    if (!CONFIG.test(it)) return [];
    const near = shared(folder, folderOf(it));
    // A configuration beside the way to the migration is another package's.
    if (near < depth(folderOf(it))) return [];
    const names = [...(text(it) ?? "").matchAll(/\b(?:dialect|client|type)["']?\s*:\s*["'`]([\w-]+)["'`]/g)].map(
      (each) => each[1]!,
    );
    return names.length === 0 ? [] : [{ near, names }];
  });
  const nearest = Math.max(...found.map((it) => it.near));
  return agreed(
    found
      .filter((it) => it.near === nearest)
      .flatMap((it) => {
        // SQLite beside a server's dialect is for tests.
        const served = it.names.filter((each) => !/sqlite/.test(each));
        return (served.length > 0 ? served : it.names).map(dialectNamed);
      }),
  );
}

const POSTGRES = [
  "pg",
  "postgres",
  "pg-promise",
  "pg-native",
  "slonik",
  "@neondatabase/serverless",
  "@vercel/postgres",
  "node-pg-migrate",
];
const MYSQL = ["mysql", "mysql2", "mariadb", "@planetscale/database"];
const OTHERS = ["tedious", "mssql", "oracledb"];
const SQLITE = ["sqlite3", "better-sqlite3", "@libsql/client", "sql.js"];

/** Drivers of the nearest package that has any. */
function ofDrivers(folder: string, { documents }: RuleContext): MigrationDialect | undefined {
  for (let at = folder; ; at = folderOf(at)) {
    const manifest = parsed(documents.get(at === "" ? "package.json" : `${at}/package.json`));
    const has = (section: string, names: readonly string[]): boolean => {
      const listed = manifest?.[section];
      return typeof listed === "object" && listed !== null && names.some((it) => it in listed);
    };
    const any = (names: readonly string[]): boolean =>
      ["dependencies", "optionalDependencies", "peerDependencies"].some((it) => has(it, names));
    const postgres = any(POSTGRES) || has("devDependencies", ["node-pg-migrate"]);
    const used: MigrationDialect[] = [
      ...(postgres ? (["postgresql"] as const) : []),
      ...(any(MYSQL) ? (["mysql"] as const) : []),
      ...(any(SQLITE) ? (["sqlite"] as const) : []),
      ...(any(OTHERS) ? (["other"] as const) : []),
    ];
    if (used.length > 0) return agreed(used);
    if (at === "") return undefined;
  }
}

function parsed(document: DocumentFile | undefined): Readonly<Record<string, unknown>> | undefined {
  if (!document) return undefined;
  try {
    const value: unknown = JSON.parse(document.text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function dialectNamed(name: string): MigrationDialect {
  if (/^(?:pg|postgres|postgresql|node-postgres|pglite)$/i.test(name)) return "postgresql";
  if (/^(?:mysql2?|mariadb)$/i.test(name)) return "mysql";
  return /sqlite|libsql|turso/i.test(name) ? "sqlite" : "other";
}

function agreed(found: readonly MigrationDialect[]): MigrationDialect | undefined {
  return found.length > 0 && found.every((it) => it === found[0]) ? found[0] : undefined;
}

function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "" : path.slice(0, end);
}

const depth = (folder: string): number => (folder === "" ? 0 : folder.split("/").length);

/** How many folders two paths have in common from the root. */
function shared(a: string, b: string): number {
  const left = a === "" ? [] : a.split("/");
  const right = b === "" ? [] : b.split("/");
  let i = 0;
  while (i < left.length && i < right.length && left[i] === right[i]) i++;
  return i;
}
