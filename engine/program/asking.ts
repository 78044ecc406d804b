/**
 * The bookkeeping of questions about values: which answers are kept, how much one question may cost, and what is still
 * being read when it is met again.
 */
import type { Binding, CallSummary, FileSummary, TypeDecl, TypeRef, Value } from "../model.ts";
import { type Env, type Origin, unknown } from "../origin.ts";

const MAX_DEPTH = 60;
/** Values read for one question; beyond it the answer is unknown. */
const MAX_STEPS = 2000;

const CYCLE = unknown("it refers to itself");

/** About the values of one file. */
class FileAnswers {
  readonly values = new Map<Value, Origin>();
  readonly types = new Map<TypeRef, Origin>();
  readonly members = new Map<TypeDecl, Map<string, Origin>>();
}

/**
 * Answers that outlive a revision: each is kept as long as the summary that it is about. Weak by file only: a weak map of
 * every value is most of what a collection of the heap waits for.
 */
export class Answers {
  readonly #byFile = new WeakMap<FileSummary, FileAnswers>();

  of(file: FileSummary): FileAnswers {
    let known = this.#byFile.get(file);
    if (!known) this.#byFile.set(file, (known = new FileAnswers()));
    return known;
  }
}

export class Asking {
  readonly #answers: Answers;
  /** The one file that differs from the revision before: its answers go with this one, so that typing leaves nothing behind. */
  readonly #own: FileSummary | undefined;
  readonly #ownAnswers = new FileAnswers();
  /** The file that was asked of last, which is most often asked of next. */
  #last: FileSummary | undefined;
  #lastAnswers = this.#ownAnswers;
  /** Members of types that are being looked up. */
  readonly #openMembers = new WeakMap<TypeDecl, Map<string, number>>();
  /** What is being read, outermost first, and the depth of each. */
  readonly #active: (Value | TypeRef)[] = [];
  readonly #activeDepths: number[] = [];
  /**
   * The least depth whose answer was needed, unfinished, for what is being read: whatever lies above it is told again
   * when it is asked alone, whatever is at it or below has its whole answer. -1 where a bound was met.
   */
  #needed = Number.POSITIVE_INFINITY;
  #depth = 0;
  #steps = 0;
  /** Questions within one another; the outermost begins the count of steps. */
  #nesting = 0;
  /** Names whose properties are being read, so that `query = { ...query }` is not followed round. */
  readonly #reading: { readonly of: Binding; readonly name: string; readonly env: Env | undefined }[] = [];
  readonly #writing = new Map<Binding, number>();
  /** Kept while one question lasts. */
  readonly #underEnv = new Map<Env, Map<Value, Origin>>();
  readonly #entered = new Map<CallSummary, Env[]>();

  constructor(answers: Answers, own: FileSummary | undefined) {
    this.#answers = answers;
    this.#own = own;
  }

  #answersOf(file: FileSummary): FileAnswers {
    if (file !== this.#last) {
      this.#lastAnswers = file === this.#own ? this.#ownAnswers : this.#answers.of(file);
      this.#last = file;
    }
    return this.#lastAnswers;
  }

  /** What is read under the arguments of calls is kept as long as the question lasts, all else as long as the file. */
  #valuesOf(file: FileSummary, env: Env | undefined): Map<Value, Origin> {
    if (!env) return this.#answersOf(file).values;
    let memo = this.#underEnv.get(env);
    if (!memo) this.#underEnv.set(env, (memo = new Map()));
    return memo;
  }

  /** What a value is: as it was told before, or read now. */
  value(value: Value, file: FileSummary, env: Env | undefined, read: ReadValue): Origin {
    const known = this.#valuesOf(file, env).get(value);
    if (known) return known;
    const open = this.#active.lastIndexOf(value);
    if (open >= 0) return this.#cycle(this.#activeDepths[open]!);
    const isAsked = this.#nesting === 0;
    if (this.#depth > MAX_DEPTH || !this.begin()) return this.tooMuch();
    const before = this.#needed;
    const depth = this.#enterDepth();
    this.#active.push(value);
    this.#activeDepths.push(depth);
    try {
      const found = read(value, file, env);
      // What ran out of steps for what was asked before it may well be told when it is asked alone.
      if (this.#needed >= depth || (depth === 0 && !env && (isAsked || this.#steps <= MAX_STEPS)))
        this.#valuesOf(file, env).set(value, found);
      return found;
    } finally {
      this.#active.pop();
      this.#activeDepths.pop();
      this.#leaveDepth(depth, before);
      this.end();
    }
  }

  /** What a value of a type is. */
  type(type: TypeRef, file: FileSummary, read: (type: TypeRef, file: FileSummary) => Origin): Origin {
    const answers = this.#answersOf(file).types;
    const known = answers.get(type);
    if (known) return known;
    const open = this.#active.lastIndexOf(type);
    if (open >= 0) return this.#cycle(this.#activeDepths[open]!);
    if (this.#depth > MAX_DEPTH || !this.begin()) return this.tooMuch();
    const before = this.#needed;
    const depth = this.#enterDepth();
    this.#active.push(type);
    this.#activeDepths.push(depth);
    try {
      const found = read(type, file);
      if (this.#needed >= depth) answers.set(type, found);
      return found;
    } finally {
      this.#active.pop();
      this.#activeDepths.pop();
      this.#leaveDepth(depth, before);
      this.end();
    }
  }

  /** What a member of a declared type is: an interface of a service is asked for the same few members from everywhere. */
  typeMember(decl: TypeDecl, file: FileSummary, name: string, read: () => Origin): Origin {
    const answers = this.#answersOf(file).members;
    let members = answers.get(decl);
    const known = members?.get(name);
    if (known) return known;
    // `const next: State = { ...state, done: true }`: a literal of the type that is made of another of the same type.
    const open = this.#openMembers.get(decl) ?? new Map<string, number>();
    const opened = open.get(name);
    if (opened !== undefined) return this.#cycle(opened);
    if (!this.begin()) return this.tooMuch();
    const before = this.#needed;
    const depth = this.#enterDepth();
    this.#openMembers.set(decl, open.set(name, depth));
    try {
      const found = read();
      if (this.#needed < depth) return found;
      if (!members) answers.set(decl, (members = new Map()));
      members.set(name, found);
      return found;
    } finally {
      open.delete(name);
      this.#leaveDepth(depth, before);
      this.end();
    }
  }

  /** Begins a part of a question, which `end` ends. False where the question has had its steps: then nothing was begun. */
  begin(): boolean {
    if (this.#nesting === 0) {
      this.#steps = 0;
      this.#underEnv.clear();
      this.#entered.clear();
    }
    if (++this.#steps > MAX_STEPS) return false;
    this.#nesting++;
    return true;
  }

  end(): void {
    this.#nesting--;
  }

  #enterDepth(): number {
    this.#needed = Number.POSITIVE_INFINITY;
    return this.#depth++;
  }

  #leaveDepth(depth: number, before: number): void {
    this.#depth = depth;
    this.#needed = this.#needed >= depth ? before : Math.min(before, this.#needed);
  }

  #cycle(depth: number): Origin {
    this.#needed = Math.min(this.#needed, depth);
    return CYCLE;
  }

  /** The answer where a question has had its steps. */
  tooMuch(): Origin {
    this.#needed = -1;
    return unknown("too many steps");
  }

  /** Reads what is written to a name; inside, `cycleOf` knows the name. */
  writes<T>(binding: Binding, read: () => T): T {
    this.#writing.set(binding, this.#depth);
    try {
      return read();
    } finally {
      this.#writing.delete(binding);
    }
  }

  /** Whether what is written to a name is being read. */
  isWriting(binding: Binding): boolean {
    return this.#writing.has(binding);
  }

  /** The answer for a name that is met in what is written to it and has no value before. */
  cycleOf(binding: Binding): Origin {
    return this.#cycle(this.#writing.get(binding)!);
  }

  /** Reads a property of a name that is written to more than once; undefined where that is what is being read. */
  propertyOf<T>(of: Binding, name: string, env: Env | undefined, read: () => T): T | undefined {
    if (this.#reading.some((it) => it.of === of && it.name === name && it.env === env)) return undefined;
    this.#reading.push({ of, name, env });
    try {
      return read();
    } finally {
      this.#reading.pop();
    }
  }

  /** The same call entered twice for one question is one environment, so that what is read under it is read once. */
  entered(call: CallSummary, env: Env): Env {
    const known = this.#entered.get(call);
    const same = known?.find(
      (it) =>
        it.file === env.file &&
        it.f === env.f &&
        it.outer === env.outer &&
        it.self?.file === env.self?.file &&
        it.self?.c === env.self?.c &&
        it.self?.via === env.self?.via,
    );
    if (same) return same;
    if (known) known.push(env);
    else this.#entered.set(call, [env]);
    return env;
  }
}

export type ReadValue = (value: Value, file: FileSummary, env: Env | undefined) => Origin;
