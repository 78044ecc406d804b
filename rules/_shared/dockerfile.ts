/** What a Dockerfile starts: the instructions of its last stage, with those of the stages it is made from. */
import type { DocumentFile, DocumentFiles, Span } from "../../engine/index.ts";
import { type ShellCommand, type ShellWord, shellCommands } from "./shell.ts";

export interface Instruction {
  /** Upper case. */
  readonly name: string;
  readonly at: Span;
  /** All behind the name, continued lines included. */
  readonly body: Span;
  /** The exec form: its strings. */
  readonly exec?: readonly (ShellWord & { readonly isPlain: boolean })[];
}

export interface Image {
  /** Where the chain of stages begins: `node:22-slim`; undefined where it is put in at build time. */
  readonly base: string | undefined;
  readonly entrypoint?: Instruction;
  readonly cmd?: Instruction;
  /** Of the last stage and those it is made from. */
  readonly instructions: readonly Instruction[];
}

interface Stage {
  readonly name: string | undefined;
  readonly from: string;
  readonly instructions: Instruction[];
}

/** A Dockerfile by whose path or last stage it is for people at work; what it starts is no production. */
const ASIDE =
  /(?:^|[/._-])(?:dev|develop|development|devcontainer|test|tests|testing|e2e|ci|local|debug|examples?|fixtures?|storybook)(?:[/._-]|$)/i;

/** Undefined where there is no stage, or the last one is not for production. */
export function imageOf(document: DocumentFile): Image | undefined {
  if (ASIDE.test(document.path)) return undefined;
  const stages = stagesOf(document.text);
  const last = stages.at(-1);
  if (!last || (last.name !== undefined && ASIDE.test(last.name))) return undefined;
  const chain: Stage[] = [last];
  for (;;) {
    const { from } = chain[0]!;
    const parent = stages.slice(0, stages.indexOf(chain[0]!)).findLast((it) => it.name === from.toLowerCase());
    if (!parent) break;
    chain.unshift(parent);
  }
  const instructions = chain.flatMap((it) => it.instructions);
  const entrypoint = instructions.findLast((it) => it.name === "ENTRYPOINT");
  const cmd = instructions.findLast((it) => it.name === "CMD");
  const base = chain[0]!.from;
  return {
    base: base.includes("$") ? undefined : base,
    ...(entrypoint ? { entrypoint } : {}),
    ...(cmd ? { cmd } : {}),
    instructions,
  };
}

function stagesOf(text: string): Stage[] {
  const stages: Stage[] = [];
  for (const it of instructionsOf(text)) {
    if (it.name === "FROM") {
      const parts = text
        .slice(...it.body)
        .replace(/\\\r?\n/g, " ")
        .trim()
        .split(/\s+/)
        .filter((word) => !word.startsWith("--"));
      const as = parts.findIndex((word) => word.toLowerCase() === "as");
      stages.push({ name: as < 0 ? undefined : parts[as + 1]?.toLowerCase(), from: parts[0] ?? "", instructions: [] });
    } else stages.at(-1)?.instructions.push(it);
  }
  return stages;
}

const MAX_INSTRUCTIONS = 2_000;

function instructionsOf(text: string): Instruction[] {
  const found: Instruction[] = [];
  let i = 0;
  while (i < text.length && found.length < MAX_INSTRUCTIONS) {
    const line = text.indexOf("\n", i) < 0 ? text.length : text.indexOf("\n", i);
    const head = /^[ \t]*([A-Za-z]+)(?=[ \t]|$|\r)/.exec(text.slice(i, line));
    if (!head) {
      i = line + 1;
      continue;
    }
    let end = line;
    while (end < text.length && isContinued(text, i, end)) {
      const next = text.indexOf("\n", end + 1);
      end = next < 0 ? text.length : next;
    }
    const nameFrom = i + head[0].length - head[1]!.length;
    const body: Span = [i + head[0].length, end];
    const name = head[1]!.toUpperCase();
    const exec = name === "CMD" || name === "ENTRYPOINT" ? execForm(text, body) : undefined;
    found.push({ name, at: [nameFrom, nameFrom + head[1]!.length], body, ...(exec ? { exec } : {}) });
    // The lines of a here-document look like instructions of their own.
    const here = /<<-?\s*["']?(\w+)["']?/.exec(text.slice(...body));
    const close = here ? new RegExp(`^[ \\t]*${here[1]}[ \\t]*\\r?$`, "m").exec(text.slice(end)) : undefined;
    i = (close ? end + close.index + close[0].length : end) + 1;
  }
  return found;
}

/** A line that ends in a backslash goes on; so does one behind a comment in between. */
function isContinued(text: string, from: number, end: number): boolean {
  const last = text.slice(Math.max(from, text.lastIndexOf("\n", end - 1) + 1), end).trimEnd();
  return last.endsWith("\\") || (last.trimStart().startsWith("#") && text.lastIndexOf("\n", end - 1) >= from);
}

function execForm(text: string, [from, to]: Span): (ShellWord & { isPlain: boolean })[] | undefined {
  const body = text.slice(from, to);
  if (!/^\s*\[[\s\S]*\]\s*$/.test(body)) return undefined;
  const found: (ShellWord & { isPlain: boolean })[] = [];
  for (const it of body.matchAll(/"((?:\\[\s\S]|[^"\\])*)"/g)) {
    const start = from + it.index + 1;
    found.push({
      text: it[1]!.replace(/\\\r?\n/g, "").replace(/\\(["\\/])/g, "$1"),
      at: [start, start + it[1]!.length],
      isPlain: !it[1]!.includes("\\"),
    });
  }
  return found;
}

// What runs first

export interface Started {
  /** The document in which the offsets count. */
  readonly document: DocumentFile;
  readonly commands: readonly ShellCommand[];
  /** `exec` form without a shell, a shell's `-c` or the shell form, a file of commands. */
  readonly by: "exec" | "inline" | "script";
  /** Which shell, for `inline`. */
  readonly shell?: string;
  readonly instruction: Instruction;
  /** Whether offsets in `commands` are those of the document. */
  readonly isPlaced: boolean;
}

const SHELL = /^(?:.*\/)?(sh|bash|ash|dash)$/;

/** What an instruction runs; undefined where that cannot be read. */
export function startedBy(
  instruction: Instruction,
  document: DocumentFile,
  image: Image,
  documents: DocumentFiles,
): Started | undefined {
  const { exec } = instruction;
  if (!exec) {
    const shell = image.instructions.findLast((it) => it.name === "SHELL");
    const commands = shellCommands(document.text, ...instruction.body);
    return commands
      ? {
          document,
          commands,
          by: "inline",
          shell: shell ? (/\b(bash|ash|dash|sh)\b/.exec(document.text.slice(...shell.body))?.[1] ?? "") : "sh",
          instruction,
          isPlaced: true,
        }
      : undefined;
  }
  const words = withoutInit(exec);
  const shell = SHELL.exec(words[0]?.text ?? "")?.[1];
  if (shell !== undefined && /^-\w*c$/.test(words[1]?.text ?? "")) {
    const inner = words[2];
    if (!inner) return undefined;
    const isPlaced = inner.isPlain;
    const commands = isPlaced ? shellCommands(document.text, ...inner.at) : shellCommands(inner.text);
    return commands ? { document, commands, by: "inline", shell, instruction, isPlaced } : undefined;
  }
  const file = shell === undefined ? words[0]?.text : words.slice(1).find((it) => !it.text.startsWith("-"))?.text;
  if (file !== undefined && /\.(?:sh|bash)$/.test(file)) {
    const script = scriptNamed(file, document, image, documents);
    const commands = script && shellCommands(script.text);
    return script && commands ? { document: script, commands, by: "script", instruction, isPlaced: true } : undefined;
  }
  if (shell !== undefined || exec.length === 0) return undefined;
  return {
    document,
    commands: [{ words: exec, before: "", after: "", at: [exec[0]!.at[0], exec.at(-1)!.at[1]], isNested: false }],
    by: "exec",
    instruction,
    isPlaced: true,
  };
}

/** Without an init that starts what follows it. */
export function withoutInit<T extends ShellWord>(words: readonly T[]): readonly T[] {
  if (!INIT.test(words[0]?.text ?? "")) return words;
  const first = words.findIndex((it, i) => i > 0 && !it.text.startsWith("-"));
  return first < 0 ? [] : words.slice(first);
}

export const INIT = /^(?:.*\/)?(?:tini(?:-static)?|dumb-init|catatonit|docker-init)$/;

/** The script of the workspace that is copied into the image under this name. */
function scriptNamed(
  file: string,
  document: DocumentFile,
  image: Image,
  documents: DocumentFiles,
): DocumentFile | undefined {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const named = documents.paths.filter((it) => it === name || it.endsWith(`/${name}`));
  const copied = image.instructions
    .filter((it) => (it.name === "COPY" || it.name === "ADD") && !/--from=/.test(document.text.slice(...it.body)))
    .flatMap((it) => document.text.slice(...it.body).split(/[\s,"[\]]+/))
    .filter((it) => it === name || it.endsWith(`/${name}`))
    .map((it) => it.replace(/^\.?\//, ""));
  const folder = document.path.includes("/") ? document.path.slice(0, document.path.lastIndexOf("/")) : "";
  const relative = file.replace(/^\.\//, "");
  const found =
    named.length === 1
      ? named[0]
      : (named.find((it) => copied.some((each) => it === each || it === `${folder}/${each}`)) ??
        named.find((it) => it === relative || it === `${folder}/${relative}`));
  return found === undefined ? undefined : documents.get(found);
}
