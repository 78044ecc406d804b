/**
 * `explain`: a rule's page, or what the engine believes about a line: what each call on it is, what that means, which
 * time limit holds and where it comes from, what reaches it, and what could not be told and why. Of an endpoint: which
 * objectives were considered for it, how well each fits, and why.
 */
import {
  type Chain,
  type FileSummary,
  type Language,
  type Limit,
  type Meaning,
  type Origin,
  pathKind,
  positionAt,
  type Reach,
  renderText,
  type Value,
} from "../engine/index.ts";
import { pageText } from "../platform/index.ts";
import { knowledge } from "../rules/index.ts";
import { explainEndpoint } from "./explain-endpoint.ts";
import { collectFindings, placesIn } from "./findings.ts";
import { CannotRun, type ExitCode, type Host, paintFor, plain, today } from "./host.ts";
import { openProject, type Project, type Scope, scopeOf } from "./project.ts";
import { functionsOn, lineAt } from "./trace.ts";

export interface ExplainOptions {
  readonly format: "text" | "json";
  readonly language: Language;
  readonly cache: boolean;
  readonly root?: string | undefined;
  readonly at?: string | undefined;
  /** `GET /orders/:id`. */
  readonly endpoint?: string | undefined;
}

export async function explain(host: Host, rule: string | undefined, options: ExplainOptions): Promise<ExitCode> {
  if (options.at !== undefined) return explainLine(host, options.at, options);
  if (options.endpoint !== undefined) return explainEndpoint(host, options.endpoint, options);
  if (rule === undefined)
    throw new CannotRun(
      'explain takes the name of a rule, --at FILE:LINE, or --endpoint "GET /route". `slo-lens rules` lists the rules.',
    );
  return explainRule(host, rule, options);
}

function explainRule(host: Host, id: string, { format, language }: ExplainOptions): ExitCode {
  const rule = knowledge.rules.find((it) => it.id === id);
  if (!rule) {
    const near = knowledge.rules
      .map((it) => it.id)
      .filter((it) => it.split("-").some((word) => id.split("-").includes(word)));
    throw new CannotRun(
      `There is no rule "${id}".${near.length > 0 ? ` Near it: ${near.slice(0, 5).join(", ")}.` : " `slo-lens rules` lists them."}`,
    );
  }
  const page = pageText(rule, language);
  if (format === "json")
    host.out(
      `${JSON.stringify({ id: rule.id, group: rule.group, title: renderText(rule.title, language), severity: rule.severity, status: rule.status, burns: rule.burns, page: page ?? null })}\n`,
    );
  else host.out(`${page ?? `${rule.id}\n\n${renderText(rule.title, language)}`}`.trimEnd().concat("\n"));
  return 0;
}

export interface ExplainedCall {
  readonly call: string;
  readonly line: number;
  readonly column: number;
  /** What is called, in words. */
  readonly callee: string;
  /** Why it could not be told, where it could not. */
  readonly unknown?: string;
  readonly meanings: readonly { readonly kind: string; readonly says: readonly string[] }[];
}

async function explainLine(host: Host, at: string, options: ExplainOptions): Promise<ExitCode> {
  const scope = scopeOf(host, ["."], options.root);
  const project = await openProject(host, scope, {
    cache: options.cache,
    tests: pathKind(at.replace(/:\d+$/, "")) === "test",
  });
  const { analysis, workspace } = project;
  const { file, line } = lineAt(host, scope, workspace.files, at);
  const text = workspace.text(file.path) ?? "";
  const places = placesIn(workspace, scope);
  const calls = callsOn(file, line).map((c): ExplainedCall => {
    const call = file.calls[c]!;
    const callee = workspace.program.callee(file, c);
    const position = positionAt(file, call.nameAt[0]);
    return {
      call: text.slice(call.at[0], Math.min(call.at[1], call.at[0] + 120)).split("\n")[0]!,
      ...position,
      callee: originText(callee, project, scope),
      ...(callee.k === "unknown" ? { unknown: callee.why } : {}),
      meanings: workspace.program
        .meanings({ file, c })
        .map((it) => ({ kind: it.kind === "other" ? it.what : it.kind, says: meaningText(it, project, scope) })),
    };
  });
  const reached: { readonly function: string; readonly by: readonly string[]; readonly complete: boolean }[] =
    functionsOn(file, line, text).map(({ f, at: span }) => {
      const reach: Reach = analysis.reach({ file, f }, span);
      return {
        function: file.functions[f]!.name,
        by: reach.chains.map((it) => chainText(it, places.shown)),
        complete: reach.complete,
      };
    });
  const findings = collectFindings(project, scope, { language: options.language, today: today(host) }).filter(
    ({ reported: it, path }) =>
      path === file.path &&
      (it.line === line || it.covers.some((each) => each.path === scope.shown(file.path) && each.line === line)),
  );
  const answer = {
    path: scope.shown(file.path),
    line,
    side: analysis.side(file),
    calls,
    reachedFrom: reached,
    findings: findings.map(({ reported: it }) => ({
      ruleId: it.ruleId,
      severity: it.severity,
      message: it.message,
      line: it.line,
    })),
  };
  if (options.format === "json") {
    host.out(`${JSON.stringify(answer, null, host.isTerminal ? 2 : 0)}\n`);
    return 0;
  }
  const paint = paintFor(host);
  const out: string[] = [paint.bold(`${plain(answer.path)}:${line}`), paint.dim(`  runs on: ${answer.side}`)];
  if (calls.length === 0) out.push("  No call begins on this line.");
  for (const it of calls) {
    out.push(`  ${paint.bold(plain(it.call))}`, `    calls    ${plain(it.callee)}`);
    for (const { kind, says } of it.meanings)
      out.push(`    means    ${kind}`, ...says.map((each) => `             ${plain(each)}`));
    if (it.meanings.length === 0) out.push("    means    nothing that is known here");
  }
  for (const it of reached) {
    out.push(
      `  ${paint.bold(plain(it.function))} is reached ${it.by.length === 0 ? "by nothing known" : "by"}`,
      ...it.by.slice(0, 20).map((each) => `    ${plain(each)}`),
    );
    if (it.by.length > 20) out.push(`    and ${it.by.length - 20} more`);
    if (!it.complete) out.push("    and perhaps by more: the search met its bound");
  }
  for (const it of answer.findings)
    out.push(`  ${paint.yellow(it.severity)} ${plain(it.message)} ${paint.dim(it.ruleId)}`);
  host.out(`${out.join("\n")}\n`);
  return 0;
}

function callsOn(file: FileSummary, line: number): readonly number[] {
  const start = file.lines[line - 1]!;
  const end = file.lines[line] ?? Number.POSITIVE_INFINITY;
  return file.calls
    .flatMap((call, c) => (start <= call.nameAt[0] && call.nameAt[0] < end ? [c] : []))
    .sort((a, b) => file.calls[a]!.nameAt[0] - file.calls[b]!.nameAt[0]);
}

function placeText(project: Project, scope: Scope, path: string, offset: number): string {
  const file = project.workspace.files.get(path);
  return file ? `${scope.shown(path)}:${positionAt(file, offset).line}` : scope.shown(path);
}

/** What a value is, in words for the person who asks why. */
export function originText(origin: Origin, project: Project, scope: Scope, depth = 0): string {
  if (depth > 4) return "…";
  const inner = (it: Origin): string => originText(it, project, scope, depth + 1);
  switch (origin.k) {
    case "unknown":
      return `unknown: ${origin.why}`;
    case "lit":
      return JSON.stringify(origin.v) ?? "undefined";
    case "fn": {
      const fn = origin.file.functions[origin.f];
      return fn ? `${fn.name} (${placeText(project, scope, origin.file.path, fn.nameAt[0])})` : "a function";
    }
    case "class":
    case "instance": {
      const cls = origin.file.classes[origin.c];
      const name = cls
        ? `class ${cls.name} (${placeText(project, scope, origin.file.path, cls.nameAt[0])})`
        : "a class";
      return origin.k === "class" ? name : `an instance of ${name}`;
    }
    case "obj":
      return `an object literal (${placeText(project, scope, origin.file.path, origin.value.at[0])})`;
    case "arr":
      return `a list of ${origin.items.length}${origin.open ? " or more" : ""}`;
    case "arrayOf":
      return `a list of ${inner(origin.of)}`;
    case "module":
      return `the module ${scope.shown(origin.file.path)}`;
    case "library":
      return `the library ${origin.library.name}`;
    case "lib": {
      const made = origin.via
        ? `, made at ${placeText(project, scope, origin.via.file.path, origin.via.file.calls[origin.via.c]!.nameAt[0])}`
        : "";
      return `${origin.library.name} ${origin.type}${origin.member ? ` .${origin.member}` : ""}${made}`;
    }
    case "method":
      return `${origin.library.name} .${origin.name}${origin.recv ? ` of ${inner(origin.recv)}` : ""}`;
    case "ext":
      return `${origin.specifier}${origin.path === "*" ? "" : ` ${origin.path}`}, a package without data here`;
    case "global":
      return `the global ${origin.name}`;
    case "param": {
      const fn = origin.file.functions[origin.f];
      const name = fn?.params[origin.index]?.name ?? `parameter ${origin.index + 1}`;
      return `what callers of ${fn?.name ?? "a function"} give as ${[name, ...origin.path].join(".")}`;
    }
    case "type":
      return `a value of type ${origin.file.types[origin.t]?.name ?? "?"}`;
    case "signature":
      return "a function by its type alone";
    case "shape":
      return `a value with ${origin.members
        .slice(0, 5)
        .map((it) => it.name)
        .join(", ")}`;
    case "any":
      return `one of ${origin.of.slice(0, 4).map(inner).join(" | ")}`;
  }
}

function limitText(limit: Limit): string {
  const by = {
    call: "the call",
    instance: "the client's creation",
    global: "a global setting",
    default: "the library's default",
    wrapper: "a wrapper",
  }[limit.by];
  const length = limit.ms !== undefined ? ` ${limit.ms} ms` : "";
  const after =
    limit.bounded === "no" && limit.defaultMs !== undefined ? `, gives up by itself after ${limit.defaultMs} ms` : "";
  return `time limit: ${limit.bounded === "unknown" ? "cannot be told" : limit.bounded}${length} by ${by}${after} (${limit.why})`;
}

function meaningText(meaning: Meaning, project: Project, scope: Scope): readonly string[] {
  switch (meaning.kind) {
    case "request": {
      const url = meaning.url ? valueText(meaning.url) : undefined;
      const instance = meaning.instance
        ? `through the client made at ${placeText(project, scope, meaning.instance.file.path, meaning.instance.file.calls[meaning.instance.c]!.nameAt[0])}`
        : undefined;
      return [
        `${meaning.client}${meaning.method ? ` ${meaning.method}` : ""}${url ? ` ${url}` : ""}${meaning.stream ? ", kept open on purpose" : ""}`,
        limitText(meaning.limit),
        ...(instance ? [instance] : []),
      ];
    }
    case "client":
      return [
        `${meaning.client}, ${meaning.of}`,
        limitText(meaning.limit),
        ...(meaning.statementLimit ? [`statement ${limitText(meaning.statementLimit)}`] : []),
        ...(meaning.attempts !== undefined ? [`${meaning.attempts} attempts`] : []),
      ];
    case "query": {
      const { filter } = meaning;
      const columns = [
        ...(filter.equals ?? []).map((it) => `${it} =`),
        ...(filter.inLists ?? []).map((it) => `${it} in`),
        ...(filter.others ?? []).map((it) => `${it} …`),
      ].join(", ");
      return [
        `${meaning.client} ${meaning.action}${meaning.many ? " of many rows" : ""} on ${meaning.table ?? "an unknown table"}`,
        `filter: ${filter.given}${columns ? ` (${columns})` : ""}; capped: ${meaning.capped}${meaning.grouped ? "; grouped" : ""}${meaning.batched ? "; batched" : ""}${meaning.lazy ? "; sent when awaited" : ""}`,
        ...(meaning.inTransaction ? [`in a transaction: ${meaning.inTransaction}`] : []),
        ...schemaText(meaning.table, project),
      ];
    }
    case "blocking":
      return [
        `${meaning.client} ${meaning.name} holds the event loop${meaning.measured ? ` (${meaning.measured.of}: ${meaning.measured.ms} ms, ${meaning.measured.with})` : ""}`,
      ];
    case "spawn":
      return [meaning.client, limitText(meaning.limit)];
    case "metric":
      return [`${meaning.client} ${meaning.of} ${meaning.labels.map((it) => it.name).join(", ")}`.trimEnd()];
    case "schedule":
      return [
        `${meaning.client}${meaning.everyMs === undefined ? "" : ` every ${meaning.everyMs} ms`}; runs may overlap: ${meaning.overlaps}`,
      ];
    case "limiter":
      return [
        meaning.client,
        ...(meaning.atOnce === undefined ? [] : [`bounds how many run at once: ${meaning.atOnce}`]),
        ...(meaning.limit ? [limitText(meaning.limit)] : []),
      ];
    case "retry":
      return [
        `${meaning.client}: ${meaning.attempts === undefined ? "an unknown number of" : meaning.attempts} tries; pause: ${meaning.pause}; by chance: ${meaning.jitter}`,
      ];
    case "job":
      return [
        `${meaning.client} job${meaning.queueName ? ` of ${meaning.queueName}` : ""}: attempts ${meaning.attempts ?? meaning.attemptsGiven}; backoff: ${meaning.backoffGiven}; removed when done: ${meaning.removed}`,
      ];
    case "settle":
      return [`${meaning.client} message ${meaning.as}`];
    case "consume":
      return [
        `${meaning.client} consumer; forgotten when sent: ${meaning.forgets}; when it throws: ${meaning.onThrow}`,
      ];
    case "cache":
      return [`${meaning.client}; bounded: ${meaning.bounded} (${meaning.why})`];
    case "other":
      return [
        `${meaning.client} ${meaning.what}${meaning.data ? ` ${JSON.stringify(meaning.data, (_, it: unknown) => (typeof it === "object" && it !== null && "functions" in it ? "…" : it)).slice(0, 200)}` : ""}`,
      ];
  }
}

function schemaText(table: string | undefined, project: Project): readonly string[] {
  const facts = table === undefined ? undefined : project.workspace.schema.table(table);
  if (!facts) return [];
  const sets = (of: readonly (readonly string[])[]): string => of.map((it) => `(${it.join(", ")})`).join(" ") || "none";
  return [`schema (${facts.path}): unique ${sets(facts.unique)}; indexes ${sets(facts.indexes)}`];
}

function valueText(value: Value): string {
  if (value.k === "lit") return String(value.v);
  if (value.k === "tpl") return value.strings.join("…");
  if (value.k === "op" && value.op === "+") return value.args.map(valueText).join("");
  return "…";
}

function chainText(chain: Chain, shown: (path: string) => string): string {
  const { entry } = chain;
  const name = entry.kind === "endpoint" ? `${entry.method} ${entry.route}` : `${entry.kind} ${entry.name}`;
  const way = chain.links.map((it) => it.fn.file.functions[it.fn.f]!.name).join(" > ");
  return `${name} (${shown(entry.path)}): ${way}${chain.isAsync ? ", through a queue or an emitter" : ""}`;
}
