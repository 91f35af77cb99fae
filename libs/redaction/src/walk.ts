import { type Json, type JsonObject, shownKey } from '@parley/contracts';
import { FieldsCopy } from './fields-copy.js';
import { type FieldPaths, type FieldRule } from './field-paths.js';
import { bounded, hidden, type Known, type KnownFields } from './known-fields.js';
import { type Notes, type Place } from './notes.js';
import { inspect, type TextRule } from './text-rules.js';

/** A policy as it looks at one record. */
export interface RecordRules {
  readonly texts: readonly TextRule[];
  readonly fields: FieldPaths;
  /** For ids, which a record can't do without: the policy's own rules, without what the record says is missing. */
  readonly ids: FieldPaths;
}

/** Where a walk begins: its place in what was sent, and the keys that a message alone would have above it. */
export interface WalkStart {
  readonly place: Place;
  readonly above: readonly string[];
}

const NONE: KnownFields = new Map();
const ROOT: WalkStart = { place: [], above: [] };

/** Goes through a header or a message. What it changes it copies; where nothing is found it answers what it was given. */
export class Walk {
  /** The sender's own fields of the record whose names were masked: as they are shown, before and after. */
  readonly renamed = new Map<string, string>();
  private readonly place: (string | number)[];

  constructor(
    private readonly rules: RecordRules,
    private readonly notes: Notes,
    private readonly start = ROOT,
  ) {
    this.place = [...start.place];
  }

  /** The fields of the record. */
  record<Fields extends JsonObject>(fields: Fields, known: KnownFields): Fields {
    return this.object(fields, known) as Fields;
  }

  /** An id, which can't be changed: what would be masked in it refuses the record. */
  identity(name: string, id: string): void {
    const ofField = this.rules.ids.ruleOf(name, this.start.above, this.place);
    const ofText = inspect(id, this.rules.texts)?.rules ?? [];
    for (const { action, name: rule } of ofField ? [ofField, ...ofText] : ofText) {
      this.notes[action === 'flag' ? 'flag' : 'reject']([...this.place, name], rule);
    }
  }

  private object(fields: JsonObject, known = NONE): JsonObject {
    const ofLog = this.ruleOfLog(fields);
    const copy = new FieldsCopy(fields);
    for (const key of Object.keys(fields)) {
      const name = known.has(key) ? key : this.name(key);
      if (name !== key && known !== NONE) this.renamed.set(shownKey(key), shownKey(name));
      copy.add(key, name, this.field({ key, name, value: fields[key] }, known.get(key), ofLog));
    }
    return copy.result();
  }

  private field(
    {
      key,
      name,
      value,
    }: { readonly key: string; readonly name: string; readonly value: Json | undefined },
    known: Known | undefined,
    ofLog: FieldRule | null,
  ): Json | undefined {
    if (value === undefined || value === null || known === 'kept') return value;
    if (known === 'identity') {
      this.identity(key, value as string);
      return value;
    }
    const rule = known === 'said' ? null : (this.ruleOf(key) ?? (key === 'name' ? null : ofLog));
    this.place.push(name);
    const result = this.ruled(value, known, rule);
    this.place.pop();
    return result;
  }

  private ruled(value: Json, known: Known | undefined, rule: FieldRule | null): Json {
    if (rule) this.notes[rule.action](this.place, rule.name);
    if (rule?.action === 'mask') return hidden(known);
    const result = this.value(value);
    return result === value ? value : bounded(result, known);
  }

  private value(value: Json): Json {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return this.number(value);
    if (typeof value !== 'object' || value === null) return value;
    return Array.isArray(value)
      ? this.list(value as readonly Json[])
      : this.object(value as JsonObject);
  }

  private list(items: readonly Json[]): readonly Json[] {
    let changed: Json[] | null = null;
    for (const [index, item] of items.entries()) {
      this.place.push(index);
      const value = this.value(item);
      this.place.pop();
      if (value !== item) (changed ??= [...items])[index] = value;
    }
    return changed ?? items;
  }

  private number(value: number): Json {
    const text = String(value);
    const result = this.text(text);
    return result === text ? value : result;
  }

  private text(text: string): string {
    const found = inspect(text, this.rules.texts);
    if (!found) return text;
    for (const rule of found.rules) this.notes[rule.action](this.place, rule.name);
    return found.text;
  }

  /** What is masked in the name of a field is noted under the name that is left. */
  private name(key: string): string {
    const found = inspect(key, this.rules.texts);
    if (!found) return key;
    for (const { action, name } of found.rules) {
      const place = action === 'mask' ? [...this.place, found.text] : this.place;
      this.notes[action](place, name);
    }
    return found.text;
  }

  /** A log that is named after a field holds what the field would. */
  private ruleOfLog({ name }: JsonObject): FieldRule | null {
    const isLog = this.place.at(-2) === 'logs' && typeof name === 'string';
    return isLog ? this.ruleOf(name) : null;
  }

  private ruleOf(key: string): FieldRule | null {
    const { above } = this.start;
    // The list of what is missing in a conversation names fields, and holds none.
    const isList = key === 'fields' && [...above, ...this.place].join('.') === 'missing_info';
    return isList ? null : this.rules.fields.ruleOf(key, above, this.place);
  }
}
