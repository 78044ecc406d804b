/** What is gathered from all files of a revision: indices by name, each built by the first question that needs it. */
import { additionsIn, type PlacedDecl } from "../additions.ts";
import type { LibrarySet } from "../library.ts";
import type { Answer, ClassSummary, FileSummary, FunctionSummary, TypeDecl, Value } from "../model.ts";
import type { Placed, Scoped } from "../origin.ts";
import { processes, type SharesProcess } from "../process.ts";
import type { Program } from "../program.ts";

interface InFile {
  readonly file: FileSummary;
}

/** What one file adds to an index. */
export type Gather<T extends InFile> = (program: Program, file: FileSummary, add: (key: string, it: T) => void) => void;

type Index = Map<string, InFile[]>;

const NONE: readonly never[] = [];
const fileOf = (it: InFile): FileSummary => it.file;

/**
 * Of a whole revision, or of the files that were typed in since: those are read anew and stand in for what the whole
 * revision says of them, at their own cost.
 */
export class Gathered {
  readonly #program: Program;
  readonly #indices = new Map<Gather<never>, Index>();
  readonly #calls = new Map<string, readonly Placed[]>();
  #typed: readonly FileSummary[] | undefined;
  #shares: SharesProcess | undefined;
  #ranks: ReadonlyMap<string, number> | undefined;

  constructor(program: Program) {
    this.#program = program;
  }

  /** What is read here: all files, or those that were typed in since; in the order of files. */
  get files(): Iterable<FileSummary> {
    const { whole, typed, files } = this.#program;
    if (whole === this.#program) return files.values();
    this.#typed ??= [...typed.values()].sort((a, b) => whole.gathered.#rankOf(a) - whole.gathered.#rankOf(b));
    return this.#typed;
  }

  /** What all files put under a key. `read` is also the name of the index, so let it be a constant function. */
  under<T extends InFile>(read: Gather<T>, key: string): readonly T[] {
    const { whole } = this.#program;
    const own = this.#index(read).get(key) as readonly T[] | undefined;
    if (whole === this.#program) return own ?? NONE;
    return this.overlaid(whole.gathered.under(read, key), own ?? NONE, fileOf);
  }

  /** Calls whose callee ends in these names: `interceptors.request.use`. */
  callsNamed(path: string): readonly Placed[] {
    const known = this.#calls.get(path);
    if (known) return known;
    const { whole } = this.#program;
    const found = callsIn(this.files, path.split("."));
    const all = whole === this.#program ? found : this.overlaid(whole.gathered.callsNamed(path), found, fileOf);
    this.#calls.set(path, all);
    return all;
  }

  /** Whether what one file sets for everybody holds in another: they run in one process. */
  sharesProcess(setter: FileSummary, user: FileSummary): Answer {
    const { whole, files, input } = this.#program;
    if (whole !== this.#program) return whole.gathered.sharesProcess(setter, user);
    this.#shares ??= processes(files, input.resolve);
    return this.#shares(setter, user);
  }

  /** What the whole revision says with what typed files say instead, in the order of files. */
  overlaid<T>(before: readonly T[], own: readonly T[], fileOf: (it: T) => FileSummary): readonly T[] {
    const { typed, whole } = this.#program;
    if (own.length === 0 && !before.some((it) => typed.has(fileOf(it).path))) return before;
    const kept = before.filter((it) => !typed.has(fileOf(it).path));
    if (kept.length === 0 || own.length === 0) return kept.length === 0 ? own : kept;
    return [...kept, ...own].sort((a, b) => whole.gathered.#rankOf(fileOf(a)) - whole.gathered.#rankOf(fileOf(b)));
  }

  #rankOf({ path }: FileSummary): number {
    this.#ranks ??= new Map([...this.#program.files.keys()].map((it, rank) => [it, rank]));
    return this.#ranks.get(path) ?? this.#ranks.size;
  }

  #index<T extends InFile>(read: Gather<T>): Index {
    const known = this.#indices.get(read as Gather<never>);
    if (known) return known;
    // There before it is filled: what is asked on the way may ask for it again.
    const index: Index = new Map();
    this.#indices.set(read as Gather<never>, index);
    // Asked for in the middle of another question, and no part of it.
    const apart = this.#program.apart();
    for (const file of this.files)
      read(apart, file, (key, it) => {
        const list = index.get(key);
        if (list) list.push(it);
        else index.set(key, [it]);
      });
    return index;
  }
}

function callsIn(files: Iterable<FileSummary>, names: readonly string[]): readonly Placed[] {
  const found: Placed[] = [];
  for (const file of files)
    for (let c = 0; c < file.calls.length; c++) if (endsIn(file.calls[c]!.callee, names, file)) found.push({ file, c });
  return found;
}

function endsIn(callee: Value, names: readonly string[], file: FileSummary): boolean {
  let it = callee;
  for (let i = names.length - 1; i > 0; i--) {
    if (it.k !== "get" || it.name !== names[i]) return false;
    it = it.of;
  }
  const name = it.k === "get" ? it.name : it.k === "ref" ? file.bindings[it.b]?.name : undefined;
  return name === names[0];
}

// Names under which things are found again once their file is typed in

export function functionKey(file: FileSummary, fn: FunctionSummary): string {
  return `${file.path} ${fn.name}`;
}

export function classKey(file: FileSummary, cls: ClassSummary): string {
  return `${file.path} ${cls.name} ${sameNamedBefore(file.classes, cls)}`;
}

export function declKey(file: FileSummary, decl: TypeDecl): string {
  return `${file.path} type ${decl.name} ${sameNamedBefore(file.types, decl)}`;
}

function sameNamedBefore<T extends { readonly name: string }>(all: readonly T[], it: T): number {
  let count = 0;
  for (const other of all) {
    if (other === it) break;
    if (other.name === it.name) count++;
  }
  return count;
}

// Indices that need no more than the files

/** An assignment in its file. */
export interface PlacedAssignment extends InFile {
  readonly a: number;
}

/** Assignments to members, by the member's name. */
export const assignmentsByName: Gather<PlacedAssignment> = (_, file, add) =>
  file.assignments.forEach(({ target }, a) => {
    if (target.k === "get") add(target.name, { file, a });
  });

/** Second arguments of calls such as `decorate("name", value)`, by method and name. */
export const grownMembers: Gather<Scoped> = (_, file, add) => {
  for (const { callee, args } of file.calls) {
    const [name, value] = args;
    if (callee.k !== "get" || !callee.name.startsWith("decorate") || name?.k !== "lit" || !value || value.k === "lit")
      continue;
    add(`${callee.name} ${String(name.v)}`, { value, file });
  }
};

/** A value that was put on a member of something. */
export interface Held extends InFile {
  readonly holder: Scoped;
  readonly value: Scoped;
}

/**
 * What is put on members that libraries grow by, by member and name: `schema.statics.byMail = …`, `schema.methods = { … }`,
 * `schema.static("byMail", …)` and `new Schema({}, { statics: { … } })`.
 */
export const heldMembers: Gather<Held> = (program, file, put) => {
  const members = growingIn(program.input.libraries);
  const add = (member: string, name: string, holder: Value, value: Value): void =>
    put(`${member} ${name}`, { file, holder: { value: holder, file }, value: { value, file } });
  const addAll = (member: string, holder: Value, of: Value): void => {
    for (const it of of.k === "obj" ? of.props : []) if (it.name) add(member, it.name, holder, it.value);
  };
  for (const { target, value } of file.assignments) {
    if (target.k !== "get") continue;
    if (members.has(target.name)) addAll(target.name, target.of, value);
    if (target.of.k === "get" && members.has(target.of.name)) add(target.of.name, target.name, target.of.of, value);
  }
  file.calls.forEach(({ callee, args, kind }, c) => {
    const [name, value] = args;
    const member = callee.k === "get" ? `${callee.name}s` : "";
    if (callee.k === "get" && members.has(member)) {
      if (name?.k === "obj") addAll(member, callee.of, name);
      else if (name?.k === "lit" && value) add(member, String(name.v), callee.of, value);
    }
    if (kind === "new" && value?.k === "obj")
      for (const it of value.props) if (it.name && members.has(it.name)) addAll(it.name, { k: "call", c }, it.value);
  });
};

const growing = new WeakMap<LibrarySet, ReadonlySet<string>>();

/** Names of the members by which some library's types grow. */
function growingIn(libraries: LibrarySet): ReadonlySet<string> {
  let known = growing.get(libraries);
  if (!known) {
    known = new Set(libraries.all.flatMap((it) => Object.values(it.types).flatMap((type) => type.grownOn ?? [])));
    growing.set(libraries, known);
  }
  return known;
}

/** What the project declares to add to libraries' types (`fastify FastifyInstance`) and to everybody's names (`globalThis`). */
export const declaredAdditions: Gather<PlacedDecl> = (program, file, add) => {
  for (const { key, decl } of additionsIn(file, program.input.libraries)) add(key, { file, decl });
};
