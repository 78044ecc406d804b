/** What is worked out of the answers of a whole workspace: once, however many files ask. */

const known = new WeakMap<readonly unknown[], Map<unknown, unknown>>();

/**
 * `derived(context.everywhere(ask), make)`: what `make` makes of all answers, kept as long as they are. It is the key, so
 * let it be a constant function of the answers alone.
 */
export function derived<A, T>(answers: readonly A[], make: (answers: readonly A[]) => T): T {
  let made = known.get(answers);
  if (!made) known.set(answers, (made = new Map()));
  if (!made.has(make)) made.set(make, make(answers));
  return made.get(make) as T;
}

/** The answers of `derived` for lists, in one list. */
export function all<A>(answers: readonly (readonly A[])[]): readonly A[] {
  return answers.flat();
}
