import {
  type CallView,
  defineRule,
  type FileSummary,
  type Fix,
  type Origin,
  type Placed,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";
import { isCommandFile } from "../_shared/command-files.ts";

const MAX_CALLERS = 16;

export default defineRule({
  id: "missing-error-listener",
  group: "resources",
  title: { en: "Client whose lost connection ends the process", ja: "接続断でプロセスが終了するクライアント" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["availability"],
  messages: {
    listener: {
      what: {
        en: "Nothing listens to `error` on this {client} client: when the server closes an idle connection, the process ends.",
        ja: "この {client} クライアントの `error` を処理する箇所がないため、サーバーがアイドル接続を閉じるとプロセスが終了します。",
      },
      help: {
        en: "Listen and log; the pool replaces the connection by itself.",
        ja: "リスナーを付けてログに残してください。接続はプールが自動で作り直します。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "client" || !meaning.needsErrorListener) continue;
      if (isCommandFile(file) || isMadeForOthers(view, context) || endsAtOnce(view)) continue;
      if (
        context.everywhere(listened).some((it) => it.includes(file.calls[view.c]!)) ||
        leavesToOthers(file, view.c, context) ||
        isFieldListened(file, view.c)
      )
        continue;
      const b = file.bindings.findIndex(
        (it) => it.kind === "const" && it.fn === 0 && it.value?.k === "call" && it.value.c === view.c,
      );
      yield {
        at: view.call.nameAt,
        message: "listener",
        data: { client: meaning.client },
        fixes: b < 0 ? [] : [listen(file, view.call.at, file.bindings[b]!.name, context)].flatMap((it) => it ?? []),
      };
    }
  },
});

/** Creations on which a file listens to `error`. */
function listened(file: FileSummary, context: RuleContext): readonly object[] | undefined {
  const made = context
    .meant(file)
    .flatMap(({ view, meaning }) =>
      meaning.kind === "other" && meaning.what === "error-listener" ? creationsOf(view, context) : [],
    );
  return made.length > 0 ? made : undefined;
}

/** Kept in a field that is given one client after the other, and on which the class listens. */
function isFieldListened(file: FileSummary, c: number): boolean {
  const field = file.assignments.find(
    ({ target, value }) => value.k === "call" && value.c === c && target.k === "get" && target.of.k === "this",
  )?.target;
  return (
    field?.k === "get" &&
    file.calls.some(
      ({ callee, args }) =>
        callee.k === "get" &&
        /^(on|once|addListener)$/.test(callee.name) &&
        args[0]?.k === "lit" &&
        args[0].v === "error" &&
        callee.of.k === "get" &&
        callee.of.name === field.name &&
        callee.of.of.k === "this",
    )
  );
}

/** What a listener is put on: one client, one of several (`options.pool ?? new Pool(…)`), or what callers hand over. */
function creationsOf(view: CallView, context: RuleContext): readonly object[] {
  const { callee, fn } = view.call;
  if (callee.k !== "get") return [];
  const made = creationsIn(view.program.origin(callee.of, view.file));
  if (made.length > 0) return made;
  const binding = callee.of.k === "ref" ? view.file.bindings[callee.of.b] : undefined;
  if (binding?.kind !== "param" || binding.param === undefined || binding.fn !== fn) return [];
  const { param } = binding;
  return context
    .callers({ file: view.file, f: fn })
    .slice(0, MAX_CALLERS)
    .flatMap((it) => {
      const given = it.file.calls[it.c]!.args[param];
      return given ? creationsIn(view.program.origin(given, it.file)) : [];
    });
}

/** The calls that a client goes back to: `await createClient(url).connect()` is the client that was created. */
function creationsIn(found: Origin): readonly object[] {
  if (found.k === "any") return found.of.flatMap(creationsIn);
  const made: object[] = [];
  for (let it = found.k === "lib" ? found : undefined; it?.via; it = it.recv) made.push(it.via.file.calls[it.via.c]!);
  return made;
}

/** Made and ended by one function: a connection for one task, during which a loss fails the task. */
function endsAtOnce({ file, c, call }: CallView): boolean {
  const names = new Set<number>();
  file.bindings.forEach((it, b) => {
    if (it.fn === call.fn && it.value?.k === "call" && it.value.c === c) names.add(b);
  });
  return (
    call.fn > 0 &&
    file.calls.some(
      (it) =>
        it.fn === call.fn &&
        it.callee.k === "get" &&
        /^(end|quit|disconnect|destroy|close)$/.test(it.callee.name) &&
        it.callee.of.k === "ref" &&
        names.has(it.callee.of.b),
    )
  );
}

/**
 * A function that makes it for others: for commands, which end by themselves, or for somebody who listens on something,
 * which may be this one.
 */
function isMadeForOthers({ file, c, call }: CallView, context: RuleContext): boolean {
  const { returns } = file.functions[call.fn]!;
  const isIt = (it: Value): boolean => it.k === "call" && it.c === c;
  const isReturned = returns.some((it) => {
    const value = it.k === "ref" ? file.bindings[it.b]!.value : it;
    return value !== undefined && isIt(value);
  });
  if (call.fn === 0 || !isReturned) return false;
  const callers = context.callers({ file, f: call.fn }).slice(0, MAX_CALLERS);
  return (
    callers.length > 0 && (callers.every((it) => isCommandFile(it.file)) || callers.some((it) => listens(it.file)))
  );
}

const listens = (file: FileSummary): boolean =>
  file.calls.some(
    ({ callee, args }) =>
      callee.k === "get" &&
      /^(on|once|addListener)$/.test(callee.name) &&
      args[0]?.k === "lit" &&
      args[0].v === "error",
  );

/** Given to a driver adapter, an ORM or a function that listens on it: measured, Knex, Sequelize, TypeORM and Prisma survive. */
function leavesToOthers(file: FileSummary, c: number, context: RuleContext): boolean {
  const names = new Set<number>();
  file.bindings.forEach((it, b) => {
    if ([it.value, ...(it.writes ?? [])].some((value) => value?.k === "call" && value.c === c)) names.add(b);
  });
  return file.calls.some((call, i) => {
    if (i === c) return false;
    const given = call.args.some(
      (arg) =>
        (arg.k === "ref" && names.has(arg.b)) ||
        (arg.k === "call" && arg.c === c) ||
        (arg.k === "obj" &&
          arg.props.some(
            (it) => (it.value.k === "ref" && names.has(it.value.b)) || (it.value.k === "call" && it.value.c === c),
          )),
    );
    if (!given) return false;
    const callee = context.program.callee(file, i);
    if (callee.k === "fn") return /error|attach|listen|handler|instrument/i.test(callee.file.functions[callee.f]!.name);
    return (
      callee.k === "ext" ||
      (callee.k === "method" && callee.library.name !== "drizzle" && callee.library.name !== "kysely")
    );
  });
}

function listen(file: FileSummary, at: readonly [number, number], name: string, context: RuleContext): Fix | undefined {
  const text = context.text(file.path);
  if (text === undefined) return undefined;
  const end = text.indexOf("\n", at[1]);
  const insert = end < 0 ? text.length : end;
  return {
    title: { en: "Application: log the error and go on", ja: "アプリケーション: エラーを記録して続行する" },
    layer: "application",
    safety: "safe",
    edits: [
      {
        path: file.path,
        at: [insert, insert],
        text: `\n${name}.on("error", (error) => console.error("an idle database connection failed", error));`,
      },
    ],
    explain: {
      en: "Idle connections that break no longer end the process. Clients that are checked out need a listener as well.",
      ja: "アイドル接続が切れてもプロセスは終了しなくなります。取り出し中のクライアントにもリスナーが必要です。",
    },
  };
}

export type { Placed };
