/** What is gathered from all files of a revision, each by the first question that needs it. */
import { type Additions, additionsOf } from "../additions.ts";
import type { Answer, ClassSummary, FileSummary, FunctionSummary, TypeDecl, Value } from "../model.ts";
import type { Placed, PlacedClass, Scoped } from "../origin.ts";
import { processes, type SharesProcess } from "../process.ts";
import type { Program } from "../program.ts";
import type { Provisions } from "../provisions.ts";

/** An assignment in its file. */
export interface PlacedAssignment {
  readonly file: FileSummary;
  readonly a: number;
}

/** A call that a function or class is handed to by its name. */
export interface Handing extends Placed {
  readonly index: number;
}

/** A value that was put on a member of something. */
export interface Held {
  readonly holder: Scoped;
  readonly value: Scoped;
}

export interface Gathered {
  assignments?: ReadonlyMap<string, readonly PlacedAssignment[]>;
  /** Calls by the name of what they call. */
  calls: Map<string, readonly Placed[]>;
  handed?: ReadonlyMap<FunctionSummary, readonly Handing[]>;
  literals?: ReadonlyMap<TypeDecl, readonly Scoped[]>;
  grown?: ReadonlyMap<string, readonly Scoped[]>;
  held?: ReadonlyMap<string, readonly Held[]>;
  provisions?: Provisions;
  additions?: Additions;
  processes?: SharesProcess;
  subtypes?: ReadonlyMap<ClassSummary | TypeDecl, readonly PlacedClass[]>;
}

/** Places that assign to a member with this last name: `axios.defaults.timeout = …` under `timeout`. */
export function assignmentsTo(program: Program, name: string): readonly PlacedAssignment[] {
  program.gathered.assignments ??= byName(program.files.values());
  return asTyped(program, program.gathered.assignments.get(name) ?? [], (file) =>
    file.assignments.flatMap((it, a) => (it.target.k === "get" && it.target.name === name ? [{ file, a }] : [])),
  );
}

function byName(files: Iterable<FileSummary>): ReadonlyMap<string, readonly PlacedAssignment[]> {
  const index = new Map<string, PlacedAssignment[]>();
  for (const file of files)
    file.assignments.forEach(({ target }, a) => {
      if (target.k === "get") push(index, target.name, { file, a });
    });
  return index;
}

/** Calls of a function or member of this name, whatever it is: to be looked at closer. */
export function callsNamed(program: Program, name: string): readonly Placed[] {
  const inFile = (file: FileSummary): Placed[] =>
    file.calls.flatMap(({ callee }, c) => {
      const own = callee.k === "get" ? callee.name : callee.k === "ref" ? file.bindings[callee.b]?.name : undefined;
      return own === name ? [{ file, c }] : [];
    });
  const { calls } = program.gathered;
  let known = calls.get(name);
  if (!known) calls.set(name, (known = [...program.files.values()].flatMap(inFile)));
  return asTyped(program, known, inFile);
}

/** What was gathered from the whole revision, with the file that is being typed read anew. */
function asTyped<T extends { readonly file: FileSummary }>(
  { own }: Program,
  known: readonly T[],
  read: (file: FileSummary) => T[],
): readonly T[] {
  return own ? [...known.filter((it) => it.file.path !== own.path), ...read(own)] : known;
}

/** Second arguments of calls such as `decorate("name", value)`, by method and name. */
export function grownMembers(program: Program): ReadonlyMap<string, readonly Scoped[]> {
  if (program.gathered.grown) return program.gathered.grown;
  const map = new Map<string, Scoped[]>();
  for (const file of program.files.values())
    for (const { callee, args } of file.calls) {
      const [name, value] = args;
      if (callee.k !== "get" || !callee.name.startsWith("decorate") || name?.k !== "lit" || !value || value.k === "lit")
        continue;
      push(map, `${callee.name} ${String(name.v)}`, { value, file });
    }
  program.gathered.grown = map;
  return map;
}

/**
 * What is put on members of these names, by member and name: `schema.statics.byMail = …`, `schema.methods = { … }`,
 * `schema.static("byMail", …)` and `new Schema({}, { statics: { … } })`.
 */
export function heldMembers(program: Program): ReadonlyMap<string, readonly Held[]> {
  if (program.gathered.held) return program.gathered.held;
  const members = new Set(
    program.input.libraries.all.flatMap((it) => Object.values(it.types).flatMap((type) => type.grownOn ?? [])),
  );
  const map = new Map<string, Held[]>();
  for (const file of program.files.values()) {
    const addAll = (member: string, holder: Value, of: Value): void => {
      for (const it of of.k === "obj" ? of.props : [])
        if (it.name)
          push(map, `${member} ${it.name}`, { holder: { value: holder, file }, value: { value: it.value, file } });
    };
    for (const { target, value } of file.assignments) {
      if (target.k !== "get") continue;
      if (members.has(target.name)) addAll(target.name, target.of, value);
      if (target.of.k === "get" && members.has(target.of.name))
        push(map, `${target.of.name} ${target.name}`, {
          holder: { value: target.of.of, file },
          value: { value, file },
        });
    }
    file.calls.forEach(({ callee, args, kind }, c) => {
      const [name, value] = args;
      const member = callee.k === "get" ? `${callee.name}s` : "";
      if (callee.k === "get" && members.has(member)) {
        if (name?.k === "obj") addAll(member, callee.of, name);
        else if (name?.k === "lit" && value)
          push(map, `${member} ${String(name.v)}`, {
            holder: { value: callee.of, file },
            value: { value, file },
          });
      }
      if (kind === "new" && value?.k === "obj")
        for (const it of value.props) if (it.name && members.has(it.name)) addAll(it.name, { k: "call", c }, it.value);
    });
  }
  program.gathered.held = map;
  return map;
}

/** What the project declares to add to libraries' types and to everybody's names. */
export function declaredAdditions(program: Program): Additions {
  program.gathered.additions ??= additionsOf(program.files.values(), program.input.libraries);
  return program.gathered.additions;
}

/** Whether what one file sets for everybody holds in another: they run in one process. */
export function sharesProcess(program: Program, setter: FileSummary, user: FileSummary): Answer {
  program.gathered.processes ??= processes(program.files, program.input.resolve);
  return program.gathered.processes(setter, user);
}

/** Adds to the list under a key. */
export function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
