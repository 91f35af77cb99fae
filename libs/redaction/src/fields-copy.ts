import { type Json, type JsonObject } from '@parley/contracts';

type Entry = readonly [name: string, value: Json | undefined];

/** An object under changed names and values, copied only where there is a change. */
export class FieldsCopy {
  private entries: Entry[] | null = null;

  constructor(private readonly fields: JsonObject) {}

  /** What becomes of the next field; to be called for each, in their order. */
  add(key: string, name: string, value: Json | undefined): void {
    const isChanged = name !== key || value !== this.fields[key];
    if (isChanged) this.entries ??= this.entriesBefore(key);
    this.entries?.push([name, value]);
  }

  /** The copy, or the object itself where nothing was changed. */
  result(): JsonObject {
    return this.entries ? Object.fromEntries(apart(this.entries)) : this.fields;
  }

  private entriesBefore(key: string): Entry[] {
    const keys = Object.keys(this.fields);
    return keys.slice(0, keys.indexOf(key)).map((one) => [one, this.fields[one]]);
  }
}

/** Masking can make names equal: each keeps a field of its own. */
function apart(entries: readonly Entry[]): Entry[] {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return entries.map(([name, value]) => {
    let free = name;
    while (taken.has(free)) {
      const count = (counts.get(name) ?? 1) + 1;
      counts.set(name, count);
      free = `${name} ${count}`;
    }
    taken.add(free);
    return [free, value];
  });
}
