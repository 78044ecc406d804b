/** Modules loaded from a folder by names known at run time: every file that a computed specifier may mean. */
import type { FileSummary, Program, Scoped } from "../../engine/index.ts";
import { isComputedLoad } from "./_calls.ts";
import { pathIn } from "./_folders.ts";
import { isTestFile } from "./_values.ts";

/** The files behind `require(expr)` or `import(expr)`; the loading file itself is none of them. */
export function loadedFiles(program: Program, at: Scoped): readonly FileSummary[] {
  const source = sourceOf(at);
  if (!source) return [];
  const prefix = knownStart(program, source, 0);
  if (prefix === undefined || !prefix.text.includes("/")) return [];
  const text = prefix.text.startsWith(".") ? `${folder(at.file.path)}/${prefix.text}` : prefix.text;
  const start = normal(text);
  const found: FileSummary[] = [];
  for (const file of program.files.values()) {
    if (file === at.file || !file.path.startsWith(start) || isTestFile(file)) continue;
    const rest = file.path.slice(start.length);
    const isOne = prefix.isWhole
      ? /^(\/index)?(\.[cm]?[jt]s)?$/.test(rest)
      : /^[^/]*(\/index)?\.[cm]?[jt]s$/.test(rest);
    if (isOne) found.push(file);
  }
  return found;
}

/** The value a file exports as a whole. */
export function mainExport(file: FileSummary, name = "default"): Scoped | undefined {
  const names = name === "default" ? ["=", "default"] : [name];
  for (const one of names) {
    const it = file.exports.find((found) => found.name === one && "value" in found);
    if (it && "value" in it) return { value: it.value, file };
  }
  return undefined;
}

/** A value or, where it is a module named at run time, what the files that it may be export as a whole. */
export function loadedValues(program: Program, at: Scoped): readonly Scoped[] {
  if (!isComputedLoad(at.value, at.file)) return [at];
  return loadedFiles(program, at).flatMap((it) => mainExport(it) ?? []);
}

function sourceOf(at: Scoped): Scoped | undefined {
  const { value, file } = at;
  if (value.k === "op" && value.op === "import-computed")
    return value.args[0] ? { ...at, value: value.args[0] } : undefined;
  if (value.k === "call")
    return file.calls[value.c]!.args[0] ? { ...at, value: file.calls[value.c]!.args[0]! } : undefined;
  const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
  return binding?.value && binding.kind === "const" ? sourceOf({ ...at, value: binding.value }) : undefined;
}

interface Start {
  readonly text: string;
  readonly isWhole: boolean;
}

/** As much of a path as is known, from its start. */
function knownStart(program: Program, at: Scoped, depth: number): Start | undefined {
  const { value, file, env } = at;
  if (depth > 6) return undefined;
  const whole = program.text(at) ?? pathIn(program, at);
  if (whole !== undefined) return { text: whole, isWhole: true };
  const inner = (it: Scoped["value"]) => knownStart(program, { value: it, file, env }, depth + 1);
  if (value.k === "tpl") {
    let text = value.strings[0]!;
    for (const [i, it] of value.values.entries()) {
      const part = inner(it);
      if (part === undefined || !part.isWhole) return { text: text + (part?.text ?? ""), isWhole: false };
      text += part.text + value.strings[i + 1]!;
    }
    return { text, isWhole: true };
  }
  if (value.k === "op" && value.op === "+") {
    let text = "";
    for (const it of value.args) {
      const part = inner(it);
      if (part === undefined || !part.isWhole) return { text: text + (part?.text ?? ""), isWhole: false };
      text += part.text;
    }
    return { text, isWhole: true };
  }
  if (value.k === "call") {
    const call = file.calls[value.c]!;
    const name =
      call.callee.k === "get"
        ? call.callee.name
        : call.callee.k === "ref"
          ? file.bindings[call.callee.b]?.name
          : undefined;
    if (name !== "join" && name !== "resolve" && name !== "pathToFileURL") return undefined;
    const parts: string[] = [];
    for (const it of call.args) {
      const part = inner(it);
      if (part) parts.push(part.text);
      if (!part?.isWhole)
        return parts.length > 0 ? { text: `${parts.join("/")}${part ? "" : "/"}`, isWhole: false } : undefined;
    }
    return { text: parts.join("/"), isWhole: true };
  }
  const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
  return binding?.value && binding.kind === "const" ? inner(binding.value) : undefined;
}

function folder(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash >= 0 ? path.slice(0, slash) : "";
}

/** Resolves `.` and `..`; no leading slash, a trailing one kept. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const it of path.split("/")) {
    if (it === "..") parts.pop();
    else if (it !== "" && it !== ".") parts.push(it);
  }
  return parts.join("/") + (path.endsWith("/") && parts.length > 0 ? "/" : "");
}
