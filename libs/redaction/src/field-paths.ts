import { type Action } from './policy.js';

/** A rule about a field: its name as receipts show it, and what is done. */
export interface FieldRule {
  readonly name: string;
  readonly action: Action;
}

const BRACKETS = /\[\d*\]/g;
const STRICTEST_FIRST: readonly Action[] = ['reject', 'mask', 'flag'];

/**
 * Fields by their paths, without regard to upper and lower case. A path means every place that ends with it: `email` any
 * key of that name, `contact.email` any within any `contact`. Places in arrays make no difference: `messages[].content`,
 * `messages[3].content` and `messages.content` are one.
 */
export class FieldPaths {
  private readonly rules = new Map<string, FieldRule>();
  private readonly last = new Set<string>();

  /** Of two rules for one path the stricter one holds. */
  add(path: string, rule: FieldRule): void {
    const plain = path.replace(BRACKETS, '').toLowerCase();
    const known = this.rules.get(plain);
    if (known && strictness(known) <= strictness(rule)) return;
    this.rules.set(plain, rule);
    this.last.add(lastOf(plain));
  }

  /** The strictest rule for a key, where `above` are the keys and indices above it, in two parts. */
  ruleOf(key: string, ...above: readonly (readonly (string | number)[])[]): FieldRule | null {
    if (this.rules.size === 0) return null;
    // It may have dots of its own.
    let path = key.toLowerCase();
    if (!this.last.has(lastOf(path))) return null;
    let found = this.rules.get(path) ?? null;
    for (const parent of above.flat().toReversed()) {
      if (typeof parent === 'number') continue;
      path = `${parent.toLowerCase()}.${path}`;
      const rule = this.rules.get(path);
      if (rule && (!found || strictness(rule) < strictness(found))) found = rule;
    }
    return found;
  }
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function strictness({ action }: FieldRule): number {
  return STRICTEST_FIRST.indexOf(action);
}
