/** Texts of which there are as many as there are users, requests or errors: what must not name a series. */
import type { FileSummary, Program, Scoped, Value } from "../../engine/index.ts";

export type Unbounded =
  | {
      readonly is: "unbounded";
      readonly of: "url" | "id" | "error" | "time" | "random";
      /** As a person would write it: `req.url`. */
      readonly shown: string;
      /** Only the second choice of `a ?? b` or `a || b` is. */
      readonly isFallback?: boolean;
    }
  /** Hangs on a parameter of a project function. */
  | {
      readonly is: "param";
      readonly file: FileSummary;
      readonly f: number;
      readonly index: number;
      readonly names: readonly string[];
    };

/** One per person, request or purchase. Tenants, projects, plans and regions are few and kept apart on purpose. */
const ONE_EACH =
  /^(user|customer|session|request|req|trace|span|correlation|order|transaction|message|cart|payment|invoice|visitor|device)_?(id|uuid)$|^(email|email_?address|phone|phone_?number|ip|ip_?address|remote_?address|uuid|user_?agent|access_?token|api_?key)$/i;
const OWNERS = /^(user|currentUser|customer|order|session|message|payment|invoice|cart|transaction)$/i;
const REQUESTS = /^_?(req|request|ctx|context|c)$/;
const ADDRESSES = new Set(["url", "originalUrl", "path", "href", "pathname", "search", "rawPath"]);
const ERRORS = /^(e|err|error|ex|exception|cause)$/;
const HEADERS =
  /^(user-agent|x-request-id|x-correlation-id|x-forwarded-for|authorization|referer|cookie|traceparent)$/i;
const RANDOM = /^(randomUUID|uuid|uuidv[1-7]|nanoid|ulid|cuid|createId)$/;
/** Calls after which a text still has as many values as before. */
const KEEPING = new Set(["toString", "toLowerCase", "toUpperCase", "trim", "toISOString", "normalize"]);

/** Undefined where nothing is known against it. */
export function unboundedIn(of: Scoped, program: Program, depth = 0): Unbounded | undefined {
  const { value, file, env } = of;
  if (depth > 8) return undefined;
  const inner = (it: Value): Unbounded | undefined => unboundedIn({ value: it, file, env }, program, depth + 1);
  switch (value.k) {
    case "tpl":
      return first(value.values, inner);
    case "op":
      return value.op === "+" ? first(value.args, inner) : undefined;
    case "either": {
      const [a, b] = [value.op === "&&" ? undefined : inner(value.a), inner(value.b)];
      if (a?.is === "unbounded") return a;
      return b?.is === "unbounded" ? { ...b, isFallback: value.op !== "&&" } : undefined;
    }
    case "get":
      return ofMember(value, file) ?? ofParam(of, program);
    case "at":
      // `req.headers["user-agent"]`, and the first part of `req.url.split("?")`.
      if (value.key.k === "lit" && typeof value.key.v === "string")
        return ofMember({ k: "get", of: value.of, name: value.key.v }, file);
      return value.key.k === "lit" && value.key.v === 0 ? inner(value.of) : undefined;
    case "ref":
      return ofName(value.b, file, inner) ?? ofParam(of, program);
    case "call":
      return ofCall(value.c, file, inner);
    default:
      return undefined;
  }
}

function first(values: readonly Value[], judge: (it: Value) => Unbounded | undefined): Unbounded | undefined {
  for (const it of values) {
    const found = judge(it);
    if (found?.is === "unbounded") return found;
  }
  return undefined;
}

function ofMember(value: Value & { readonly k: "get" }, file: FileSummary): Unbounded | undefined {
  const shown = shownOf(value, file);
  const owner = nameOf(value.of, file);
  if (ADDRESSES.has(value.name) && (isRequest(value.of, file) || isAddressObject(value.of, file)))
    return { is: "unbounded", of: "url", shown };
  if (isRequest(value.of, file) && (value.name === "id" || value.name === "ip"))
    return { is: "unbounded", of: "id", shown };
  if ((value.name === "message" || value.name === "stack") && isError(value.of, file))
    return { is: "unbounded", of: "error", shown };
  if (owner === "headers" && HEADERS.test(value.name)) return { is: "unbounded", of: "id", shown };
  if (ONE_EACH.test(value.name)) return { is: "unbounded", of: "id", shown };
  if (/^_?id$|^uuid$/.test(value.name) && (OWNERS.test(owner) || owner === "params"))
    return { is: "unbounded", of: "id", shown };
  return undefined;
}

function ofName(b: number, file: FileSummary, inner: (it: Value) => Unbounded | undefined): Unbounded | undefined {
  const binding = file.bindings[b]!;
  if (binding.kind === "const" && binding.value) {
    const found = inner(binding.value);
    if (found) return found;
    // A name that was made by a call has been through something that may have cut it down.
    if (binding.value.k === "call" || binding.value.k === "lit") return undefined;
  }
  if (binding.kind === "const" || binding.kind === "param" || binding.kind === "item")
    if (ONE_EACH.test(binding.name)) return { is: "unbounded", of: "id", shown: binding.name };
  return undefined;
}

function ofCall(c: number, file: FileSummary, inner: (it: Value) => Unbounded | undefined): Unbounded | undefined {
  const { callee, args, kind } = file.calls[c]!;
  if (callee.k === "get") {
    const { name, of } = callee;
    if (of.k === "global" && ((of.name === "Date" && name === "now") || (of.name === "performance" && name === "now")))
      return { is: "unbounded", of: "time", shown: `${of.name}.now()` };
    if (name === "randomUUID") return { is: "unbounded", of: "random", shown: "randomUUID()" };
    if (KEEPING.has(name)) return inner(of);
    if (name === "split" && args[0]?.k === "lit" && (args[0].v === "?" || args[0].v === "#")) return inner(of);
    if (/^(get|header)$/.test(name) && isRequest(of, file) && args[0]?.k === "lit" && HEADERS.test(String(args[0].v)))
      return { is: "unbounded", of: "id", shown: `${shownOf(of, file)}.${name}("${args[0].v}")` };
    return undefined;
  }
  const name = nameOf(callee, file);
  if (kind === "new" && name === "Date" && args.length === 0)
    return { is: "unbounded", of: "time", shown: "new Date()" };
  if (name === "String" && args[0]) {
    if (isError(args[0], file)) return { is: "unbounded", of: "error", shown: `String(${shownOf(args[0], file)})` };
    return inner(args[0]);
  }
  const imported = callee.k === "ref" ? file.bindings[callee.b]!.from : undefined;
  const isRandom = RANDOM.test(name) || (imported && file.imports[imported.import]!.specifier === "uuid");
  return imported && isRandom ? { is: "unbounded", of: "random", shown: `${name}()` } : undefined;
}

function ofParam(of: Scoped, program: Program): Unbounded | undefined {
  const found = program.at(of);
  return found.k === "param"
    ? { is: "param", file: found.file, f: found.f, index: found.index, names: found.path }
    : undefined;
}

/** A parameter that is called like one, or its Node object. */
function isRequest(value: Value, file: FileSummary): boolean {
  if (value.k === "ref") {
    const { name, kind } = file.bindings[value.b]!;
    return kind === "param" && REQUESTS.test(name);
  }
  return value.k === "get" && /^(req|request|raw|nextUrl)$/.test(value.name) && isRequest(value.of, file);
}

/** `new URL(req.url)` or a name for it, `req.nextUrl`. */
function isAddressObject(value: Value, file: FileSummary, depth = 0): boolean {
  if (value.k === "ref" && depth < 3) {
    const { kind, value: held } = file.bindings[value.b]!;
    return kind === "const" && held !== undefined && isAddressObject(held, file, depth + 1);
  }
  if (value.k !== "call") return false;
  const { callee, args } = file.calls[value.c]!;
  const arg = args[0];
  return (
    callee.k === "global" &&
    callee.name === "URL" &&
    arg?.k === "get" &&
    ADDRESSES.has(arg.name) &&
    isRequest(arg.of, file)
  );
}

function isError(value: Value, file: FileSummary): boolean {
  if (value.k !== "ref") return false;
  const { kind, name } = file.bindings[value.b]!;
  return kind === "catch" || (kind === "param" && ERRORS.test(name));
}

function nameOf(value: Value, file: FileSummary): string {
  if (value.k === "ref") return file.bindings[value.b]!.name;
  if (value.k === "get") return value.name;
  return value.k === "global" ? value.name : "";
}

function shownOf(value: Value, file: FileSummary): string {
  if (value.k === "get") return `${shownOf(value.of, file)}.${value.name}`;
  if (value.k === "this") return "this";
  return nameOf(value, file) || "…";
}
