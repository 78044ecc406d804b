/** Folders named in code relative to the file: `path.join(__dirname, "routes")` and its relatives. */
import type { FileSummary, Program, Scoped, Value } from "../../engine/index.ts";

/** The workspace path that a value names; undefined where it cannot be told. */
export function pathIn(program: Program, at: Scoped, depth = 0): string | undefined {
  const { value, file, env } = at;
  if (depth > 8) return undefined;
  const inner = (it: Value): string | undefined => pathIn(program, { value: it, file, env }, depth + 1);
  switch (value.k) {
    case "lit":
      return typeof value.v === "string" ? value.v : undefined;
    case "global":
      return value.name === "__dirname"
        ? folderOf(file.path)
        : value.name === "__filename"
          ? `/${file.path}`
          : undefined;
    case "get":
      if (value.of.k === "op" && value.of.op === "import.meta")
        return value.name === "dirname"
          ? folderOf(file.path)
          : value.name === "url" || value.name === "filename"
            ? `/${file.path}`
            : undefined;
      return program.text(at);
    case "tpl": {
      let text = value.strings[0]!;
      for (const [i, it] of value.values.entries()) {
        const part = inner(it);
        if (part === undefined) return undefined;
        text += part + value.strings[i + 1]!;
      }
      return normal(text);
    }
    case "op": {
      if (value.op !== "+") return undefined;
      const parts = value.args.map(inner);
      return parts.some((it) => it === undefined) ? undefined : normal(parts.join(""));
    }
    case "ref": {
      const binding = file.bindings[value.b];
      if (binding?.value && binding.kind !== "param") return inner(binding.value);
      const written = program.written(value, file);
      return written ? pathIn(program, written, depth + 1) : program.text(at);
    }
    case "call": {
      const call = file.calls[value.c]!;
      const name = calleeName(call.callee, file);
      if (name === "cwd") return "/";
      if (name === "URL" && call.args[0] && call.args[1]) {
        const [path, base] = [inner(call.args[0]), inner(call.args[1])];
        return path !== undefined && base !== undefined ? normal(`${folderOf(base.slice(1))}/${path}`) : undefined;
      }
      if ((name === "fileURLToPath" || name === "pathToFileURL" || name === "normalize") && call.args[0])
        return inner(call.args[0]);
      if (name === "dirname" && call.args[0]) {
        const path = inner(call.args[0]);
        return path !== undefined ? folderOf(path.replace(/^\//, "")) : undefined;
      }
      if (name === "join" || name === "resolve") {
        const parts = call.args.map(inner);
        // desm's `join(import.meta.url, "routes")` starts at the file.
        if (parts[0] === `/${file.path}`) parts[0] = folderOf(file.path);
        return parts.some((it) => it === undefined) ? undefined : normal(parts.join("/"));
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

function calleeName(callee: Value, file: FileSummary): string | undefined {
  if (callee.k === "get") return callee.name;
  if (callee.k === "global") return callee.name;
  return callee.k === "ref" ? (file.bindings[callee.b]?.from?.name ?? file.bindings[callee.b]?.name) : undefined;
}

/** The folder of a workspace path, with one leading slash. */
function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash > 0 ? `/${path.slice(0, slash)}` : "/";
}

/** Resolves `.` and `..` and doubled slashes; one leading slash. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const it of path.split("/")) {
    if (it === "..") parts.pop();
    else if (it !== "" && it !== ".") parts.push(it);
  }
  return `/${parts.join("/")}`;
}
