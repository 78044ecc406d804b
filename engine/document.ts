/**
 * Files beside the code that rules judge as text: SQL, Prisma schemas, Dockerfiles, package.json, shell scripts. Each has a
 * summary without code in it, so that lines, allowances and places work as they do for code.
 */
import type { Allowance, FileSummary, Span } from "./model.ts";
import { emptySummary } from "./summarize.ts";
import { readAllowances } from "./syntax/allowances.ts";
import type { CommentText } from "./syntax/parser-port.ts";

export type DocumentKind = "sql" | "prisma" | "dockerfile" | "package" | "shell";

export interface DocumentFile {
  readonly path: string;
  readonly kind: DocumentKind;
  readonly text: string;
  /** Lines and allowances; no code. */
  readonly summary: FileSummary;
}

/** The documents of a workspace; a text is read when it is asked for. */
export interface DocumentFiles {
  readonly paths: readonly string[];
  /** Files that say where the code runs: evidence for rules about code, never judged themselves. */
  readonly infrastructure: readonly string[];
  /** Files that say which code answers which address: they make endpoints, and are never judged themselves. */
  readonly declarations: readonly string[];
  readonly get: (path: string) => DocumentFile | undefined;
  /** Of any file of the workspace. */
  readonly text: (path: string) => string | undefined;
}

/** UTF-16 code units; larger files hold data. */
export const MAX_DOCUMENT_LENGTH = 1_000_000;
const MAX_KEPT = 400;

const DOCKERFILE = /^(?:(?:[\w.-]+\.)?(?:dockerfile|containerfile)|(?:dockerfile|containerfile)(?:[.-][\w.-]+)?)$/i;

/** What a file is by its name; undefined for code and for everything that no rule reads. */
export function documentKind(path: string): DocumentKind | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name.endsWith(".sql")) return "sql";
  if (name.endsWith(".prisma")) return "prisma";
  if (name === "package.json") return "package";
  if (/\.(?:sh|bash)$/.test(name)) return "shell";
  return DOCKERFILE.test(name) && !/\.(?:dockerignore|[cm]?[jt]sx?|md|json|ya?ml)$/i.test(name)
    ? "dockerfile"
    : undefined;
}

const MANIFEST_PATH =
  /(?:^|\/)(?:k8s|kubernetes|kube|manifests?|helm|charts?|kustomize|overlays|deploy(?:ments?)?|infra(?:structure)?|gitops|ops)\/.*\.ya?ml$|(?:^|\/)(?:deployment|ingress|service)s?\.ya?ml$/i;

/** Kubernetes manifests, Terraform and nginx settings, by where they lie and what they are called. */
export function isInfrastructure(path: string): boolean {
  return path.endsWith(".tf") || /(?:^|\/)nginx[^/]*\.conf$/i.test(path) || MANIFEST_PATH.test(path);
}

const DECLARATION_PATH =
  /(?:^|\/)(?:serverless[\w.-]*|[\w.-]*template[\w.-]*|[\w.-]*\bsam\b[\w.-]*|cloudformation[\w.-]*|content-types\/[\w-]+\/schema|config\/routes|function|host)\.(?:ya?ml|json)$/i;

/** Serverless and SAM files, and Strapi's content types and routes, by where they lie and what they are called. */
export function isDeclaration(path: string): boolean {
  return DECLARATION_PATH.test(path);
}

export function readDocument(path: string, text: string): DocumentFile | undefined {
  const kind = documentKind(path);
  if (!kind || text.length > MAX_DOCUMENT_LENGTH) return undefined;
  const summary = emptySummary(path, undefined, text);
  return { path, kind, text, summary: { ...summary, allowances: allowancesOf(kind, text, summary.lines) } };
}

/** Documents among the files of a workspace and a way to their texts, each read again only when its text is another. */
export function documentFiles(all: Iterable<string>, textOf: (path: string) => string | undefined): DocumentFiles {
  const known = new Map<string, DocumentFile>();
  const paths: string[] = [];
  const infrastructure: string[] = [];
  const declarations: string[] = [];
  for (const it of all) {
    if (documentKind(it)) paths.push(it);
    if (isInfrastructure(it)) infrastructure.push(it);
    if (isDeclaration(it)) declarations.push(it);
  }
  return {
    paths,
    infrastructure,
    declarations,
    text: textOf,
    get: (path) => {
      const text = documentKind(path) === undefined ? undefined : textOf(path);
      if (text === undefined) return undefined;
      const kept = known.get(path);
      if (kept?.text === text) return kept;
      const made = readDocument(path, text);
      if (known.size >= MAX_KEPT) known.clear();
      if (made) known.set(path, made);
      return made;
    },
  };
}

const COMMENT: Readonly<Record<DocumentKind, RegExp | undefined>> = {
  sql: /(?:--|\/\*)[ \t]*(slo-allow\b[^\n]*?)(?:\*\/|(?=\r?\n)|$)/g,
  prisma: /\/\/\/?[ \t]*(slo-allow\b[^\n]*?)(?=\r?\n|$)/g,
  dockerfile: /(?<=^[ \t]*)#[ \t]*(slo-allow\b[^\n]*?)(?=\r?\n|$)/gm,
  shell: /(?<=^|[ \t;])#[ \t]*(slo-allow\b[^\n]*?)(?=\r?\n|$)/gm,
  package: undefined,
};
const COMMENT_LINE = /^(?:--|#|\/\/|\/\*|\*)/;

function allowancesOf(kind: DocumentKind, text: string, lines: readonly number[]): Allowance[] {
  const form = COMMENT[kind];
  if (!form || !text.includes("slo-allow")) return [];
  const comments = [...text.matchAll(form)].map(
    (it): CommentText => ({ text: ` ${it[1]!}`, range: [it.index, it.index + it[0].length] }),
  );
  return readAllowances(comments, text, lines, COMMENT_LINE).map((it) => ({
    ...it,
    covers: [it.covers[0], wholeStatement(kind, text, it.covers)],
  }));
}

/** A statement goes on over lines: SQL until its semicolon, the others behind a backslash. */
function wholeStatement(kind: DocumentKind, text: string, covers: Span): number {
  if (kind === "sql") {
    const end = text.indexOf(";", covers[0]);
    return Math.max(covers[1], end < 0 ? text.length : end);
  }
  let end = covers[1];
  while (kind !== "prisma" && end < text.length && /\\\r?\n$/.test(text.slice(covers[0], end))) {
    const next = text.indexOf("\n", end);
    end = next < 0 ? text.length : next + 1;
  }
  return end;
}
