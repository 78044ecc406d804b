/** A map of many with one entry replaced, at the cost of that entry: for every keystroke in a workspace of thousands. */

/**
 * Reads as `base` does but for `key`. The order is that of `base`; a key that is new there comes last. No two keys of
 * `base` share a value.
 */
export function withEntry<K, V>(base: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  // Of the entry that was replaced before nothing shows any more.
  return new Overlay(base instanceof Overlay && base.key === key ? base.base : base, key, value);
}

class Overlay<K, V> implements ReadonlyMap<K, V> {
  readonly base: ReadonlyMap<K, V>;
  readonly key: K;
  readonly value: V;

  constructor(base: ReadonlyMap<K, V>, key: K, value: V) {
    this.base = base;
    this.key = key;
    this.value = value;
  }

  get size(): number {
    return this.base.size + (this.base.has(this.key) ? 0 : 1);
  }

  get(key: K): V | undefined {
    return key === this.key ? this.value : this.base.get(key);
  }

  has(key: K): boolean {
    return key === this.key || this.base.has(key);
  }

  *entries(): MapIterator<[K, V]> {
    let isSeen = false;
    for (const [key, value] of this.base) {
      isSeen ||= key === this.key;
      yield [key, key === this.key ? this.value : value];
    }
    if (!isSeen) yield [this.key, this.value];
  }

  *keys(): MapIterator<K> {
    yield* this.base.keys();
    if (!this.base.has(this.key)) yield this.key;
  }

  // Without the pairs that `entries` makes: this is asked at every keystroke, of thousands of files.
  *values(): MapIterator<V> {
    const isKnown = this.base.has(this.key);
    const old = this.base.get(this.key);
    for (const value of this.base.values()) yield isKnown && value === old ? this.value : value;
    if (!isKnown) yield this.value;
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(each: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) each(value, key, this);
  }
}
