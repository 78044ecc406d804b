/** What is worked out of the answers of a whole workspace: once, however many files ask. */

/** On the list itself, so that it goes with it: a weak map would keep it until the whole heap is collected. */
const made = Symbol("what was made of it");

interface Answers<A> extends ReadonlyArray<A> {
  [made]?: Map<unknown, unknown>;
}

/**
 * `derived(context.everywhere(ask), make)`: what `make` makes of all answers, kept as long as they are. It is the key, so
 * let it be a constant function of the answers alone.
 */
export function derived<A, T>(answers: Answers<A>, make: (answers: readonly A[]) => T): T {
  answers[made] ??= new Map();
  const known = answers[made];
  if (!known.has(make)) known.set(make, make(answers));
  return known.get(make) as T;
}

/** The answers of `derived` for lists, in one list. */
export function all<A>(answers: readonly (readonly A[])[]): readonly A[] {
  return answers.flat();
}
