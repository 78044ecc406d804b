/** Nest's buses, queues, emitters and clients: from where something is handed over to the method that takes it. */
import {
  type Edge,
  type FileSummary,
  type FrameworkContext,
  type Hop,
  type PlacedClass,
  type PlacedFunction,
  type Program,
  pathKind,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { argumentOf, type Decorator, decoratorsOf } from "./_decorators.ts";
import { elementsOf } from "./_frames.ts";
import { each, isTestFile } from "./_values.ts";

/** Members that hand a message over and do not wait for what becomes of it. */
const LATER = new Set(["publish", "publishAll", "apply"]);
const BUS = new Set(["execute", "send", ...LATER]);

interface Takers {
  /** Handlers of commands, queries and events, by their class. */
  readonly messages: ReadonlyMap<string, readonly PlacedFunction[]>;
  readonly jobs: ReadonlyMap<string, readonly { readonly name: string | undefined; readonly to: PlacedFunction }[]>;
  /** Listeners by the name of the event. */
  readonly events: ReadonlyMap<string, readonly PlacedFunction[]>;
  /** Methods of microservices by their pattern. */
  readonly patterns: ReadonlyMap<string, readonly PlacedFunction[]>;
  /** Fields that hold a queue. */
  readonly queues: readonly { readonly at: PlacedClass; readonly field: string; readonly queue: string }[];
}

export function* busEdges({ program }: FrameworkContext): Iterable<Edge> {
  const takers = takersIn(program);
  if (takers.messages.size + takers.jobs.size + takers.events.size + takers.patterns.size === 0) return;
  for (const file of program.files.values()) {
    if (isTestFile(file)) continue;
    for (let c = 0; c < file.calls.length; c++) {
      const call = file.calls[c]!;
      const first = call.args[0];
      if (call.callee.k !== "get" || !first) continue;
      const from: PlacedFunction = { file, f: call.fn };
      for (const { to, hop } of takenBy(program, takers, file, call.callee, first))
        yield hop ? { from, to, kind: "async", call: { file, c }, hop } : { from, to, kind: "call", call: { file, c } };
    }
  }
}

interface Taken {
  readonly to: PlacedFunction;
  /** Nobody waits for it. */
  readonly hop?: Hop | undefined;
}

function takenBy(
  program: Program,
  takers: Takers,
  file: FileSummary,
  callee: Value & { readonly k: "get" },
  first: Value,
): readonly Taken[] {
  const { name } = callee;
  const found: Taken[] = [];
  const add = (all: readonly PlacedFunction[] | undefined, hop: Hop | undefined): void => {
    for (const to of all ?? []) found.push({ to, hop });
  };
  if (takers.messages.size > 0 && BUS.has(name))
    for (const { file: of, c } of messagesIn(program, { value: first, file }))
      add(
        takers.messages.get(classKey({ file: of, c })),
        LATER.has(name) ? { by: "event", name: of.classes[c]!.name } : undefined,
      );
  if (takers.events.size > 0 && (name === "emit" || name === "emitAsync")) {
    const event = nameIn(program, { value: first, file });
    if (event !== undefined) add(takers.events.get(event), { by: "event", name: event });
  }
  if (takers.patterns.size > 0 && (name === "send" || name === "emit")) {
    const pattern = patternOf(program, { value: first, file });
    if (pattern !== undefined) add(takers.patterns.get(pattern), { by: "message", name: pattern });
  }
  if (takers.jobs.size > 0 && (name === "add" || name === "addBulk")) {
    const queue = queueAt(program, takers, file, callee.of);
    const job = program.text({ value: first, file });
    for (const it of queue === undefined ? [] : (takers.jobs.get(queue) ?? []))
      if (it.name === undefined || job === undefined || it.name === job)
        found.push({ to: it.to, hop: { by: "queue", ...(queue === undefined ? {} : { name: queue }) } });
  }
  return found;
}

/** Classes of what is handed to a bus: one message, or a list of them. */
function messagesIn(program: Program, at: Scoped): readonly PlacedClass[] {
  return each(program.at(at)).flatMap((it): readonly PlacedClass[] => {
    if (it.k === "instance") return [it];
    return it.k === "arr"
      ? it.items.flatMap((one) => each(program.at(one)).flatMap((of) => (of.k === "instance" ? [of] : [])))
      : [];
  });
}

function queueAt(program: Program, takers: Takers, file: FileSummary, of: Value): string | undefined {
  if (of.k !== "get" || of.of.k !== "this") return undefined;
  const self = program.origin(of.of, file);
  if (self.k !== "instance") return undefined;
  return takers.queues.find((it) => it.field === of.name && it.at.file === self.file && it.at.c === self.c)?.queue;
}

function takersIn(program: Program): Takers {
  const messages = new Map<string, PlacedFunction[]>();
  const jobs = new Map<string, { readonly name: string | undefined; readonly to: PlacedFunction }[]>();
  const events = new Map<string, PlacedFunction[]>();
  const patterns = new Map<string, PlacedFunction[]>();
  const queues: { readonly at: PlacedClass; readonly field: string; readonly queue: string }[] = [];
  const add = <T>(map: Map<string, T[]>, key: string | undefined, it: T): void => {
    if (key === undefined) return;
    const known = map.get(key);
    if (known) known.push(it);
    else map.set(key, [it]);
  };
  for (const file of program.files.values()) {
    if (file.classes.length === 0 || isTestFile(file) || pathKind(file.path)) continue;
    if (!file.imports.some((it) => it.specifier.startsWith("@nestjs/"))) continue;
    for (let c = 0; c < file.classes.length; c++) {
      const cls = file.classes[c]!;
      const decorators = decoratorsOf(program, cls.decorators, file);
      const method = (names: readonly string[]): PlacedFunction | undefined => {
        for (const name of names) {
          const found = program.member({ k: "instance", file, c }, name);
          if (found.k === "fn") return { file: found.file, f: found.f };
        }
        return undefined;
      };
      for (const mark of decorators) {
        if (!/^(CommandHandler|QueryHandler|EventsHandler)$/.test(mark.name)) continue;
        const to = method(["execute", "handle"]);
        for (const arg of to ? (mark.call?.args ?? []) : []) {
          const of = program.origin(arg, mark.file, mark.env);
          if (of.k === "class") add(messages, classKey(of), to!);
        }
      }
      const processor = decorators.find((it) => it.name === "Processor");
      const queue = processor ? markName(program, processor) : undefined;
      const whole = queue === undefined ? undefined : method(["process"]);
      if (whole) add(jobs, queue, { name: undefined, to: whole });
      for (const member of cls.members) {
        if (member.decorators.length === 0) continue;
        const marks = decoratorsOf(program, member.decorators, file);
        for (const mark of marks) {
          if (mark.name === "InjectQueue") {
            const name = markName(program, mark);
            if (name !== undefined) queues.push({ at: { file, c }, field: member.name, queue: name });
          }
          if (member.fn === undefined) continue;
          const to: PlacedFunction = { file, f: member.fn };
          if (mark.name === "Process") add(jobs, queue, { name: markName(program, mark), to });
          if (mark.name === "OnEvent") {
            const event = argumentOf(mark, 0);
            for (const it of event ? (elementsOf(program, event) ?? [event]) : []) add(events, nameIn(program, it), to);
          }
          const pattern =
            mark.name === "MessagePattern" || mark.name === "EventPattern" ? argumentOf(mark, 0) : undefined;
          if (pattern) add(patterns, patternOf(program, pattern), to);
        }
      }
    }
  }
  return { messages, jobs, events, patterns, queues };
}

function classKey(it: PlacedClass): string {
  return `${it.file.path} ${it.c}`;
}

/** A text, or the name of a class (`UserCreated.name`). */
function nameIn(program: Program, at: Scoped): string | undefined {
  return program.text(at) ?? className(program, at);
}

function className(program: Program, { value, file, env }: Scoped): string | undefined {
  if (value.k !== "get" || value.name !== "name") return undefined;
  const of = program.origin(value.of, file, env);
  return of.k === "class" ? of.file.classes[of.c]!.name : undefined;
}

/** A pattern as text, the same for both sides: `sum`, `{"cmd":"sum"}`. */
function patternOf(program: Program, at: Scoped): string | undefined {
  const text = program.text(at);
  if (text !== undefined) return text;
  const of = program.at(at);
  if (of.k !== "obj" || of.value.props.length === 0) return undefined;
  const parts: string[] = [];
  for (const it of of.value.props) {
    const value = it.name ? program.text({ value: it.value, file: of.file, env: of.env }) : undefined;
    if (value === undefined) return undefined;
    parts.push(`${it.name}:${value}`);
  }
  return `{${parts.sort().join(",")}}`;
}

/** What a decorator names: its text, the last name of a constant that cannot be read, or an option. */
export function markName(program: Program, mark: Decorator): string | undefined {
  const first = argumentOf(mark, 0);
  if (!first) return undefined;
  const given = program.at(first);
  if (given.k === "lit" && typeof given.v === "string" && given.v) return given.v;
  if (first.value.k === "get") return className(program, first) ?? first.value.name;
  for (const name of ["name", "cmd", "command", "queue"]) {
    const found = first.value.k === "obj" ? program.property(first, name) : undefined;
    if (found?.is === "yes") return program.text(found.at);
  }
  return undefined;
}
