import { type Problem, type ReasonCode } from '../reason-codes.js';
import { MAX_PROBLEMS, problem, shownKey } from './decoded.js';
import { survivesDouble } from './json-number.js';
import { TEXT_MESSAGES, textProblem } from './text.js';

/** Keys of one object, at most. */
export const MAX_KEYS = 1_000;

/** What a scan found: where the text stops being JSON (or null), and what is wrong with well-formed text. */
export interface Scan {
  readonly brokenAt: number | null;
  readonly problems: readonly Problem[];
  /** Start and end of each item where the text is an array. */
  readonly items: readonly (readonly [start: number, end: number])[];
}

interface Frame {
  readonly keys: Set<string> | null;
  /** The key in an object, the index in an array, of what is being read. */
  at: string | number;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERALS = ['true', 'false', 'null'];
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

// Text that is too deep is still read to its end, to tell it from text that is no JSON; it may be a million levels.
const DEEP = [newFrame(false), newFrame(true)] as const;

/**
 * Reads JSON text once, without recursion and before anything is built from it: grammar, depth, keys, numbers and
 * escapes. The inside of strings is left to JSON.parse; only a thorough scan tells which of them is bad.
 */
export class JsonScanner {
  private at = 0;
  private cap = MAX_PROBLEMS;
  private itemStart = 0;
  private nextEscape: number;
  private readonly frames: Frame[] = [];
  private readonly problems: Problem[] = [];
  private readonly items: [number, number][] = [];

  constructor(
    private readonly text: string,
    private readonly maxDepth: number,
    private readonly isThorough = false,
  ) {
    this.nextEscape = text.indexOf('\\u');
  }

  scan(): Scan {
    const isWhole = this.document() && this.at === this.text.length;
    return { brokenAt: isWhole ? null : this.at, problems: this.problems, items: this.items };
  }

  private document(): boolean {
    do {
      if (!this.value()) return false;
      this.skipSpace();
      while (this.frames.length > 0 && !this.take(COMMA)) {
        if (!this.close()) return false;
      }
      if (this.frames.length > 0 && !this.next()) return false;
    } while (this.frames.length > 0);
    return true;
  }

  /** Reads a scalar or an empty container; opens the containers around it. */
  private value(): boolean {
    for (;;) {
      this.skipSpace();
      const code = this.code();
      if (code === QUOTE) return this.string();
      if (code !== OPEN_OBJECT && code !== OPEN_LIST) return this.scalar();
      this.open(code === OPEN_OBJECT);
      if (this.take(code === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_LIST)) {
        this.frames.pop();
        return true;
      }
      if (code === OPEN_OBJECT && !this.key()) return false;
    }
  }

  private open(isObject: boolean): void {
    if (this.frames.length === this.maxDepth) {
      this.report('too_deep', `is nested more than ${this.maxDepth} levels deep`);
    }
    this.frames.push(
      this.frames.length < this.maxDepth ? newFrame(isObject) : DEEP[isObject ? 1 : 0],
    );
    this.at++;
    if (this.frames.length === 1) this.itemStart = this.at;
    this.skipSpace();
  }

  private close(): boolean {
    const code = this.top().keys === null ? CLOSE_LIST : CLOSE_OBJECT;
    if (this.code() !== code) return false;
    if (this.frames.length === 1) this.endItem(this.at);
    this.at++;
    this.frames.pop();
    this.skipSpace();
    return true;
  }

  private next(): boolean {
    const top = this.top();
    if (top.keys !== null) return this.key();
    if (this.frames.length === 1) this.endItem(this.at - 1);
    top.at = (top.at as number) + 1;
    return true;
  }

  /** Every item of a list may have as many problems as a record alone. */
  private endItem(end: number): void {
    this.items.push([this.itemStart, end]);
    this.itemStart = this.at;
    this.cap = this.problems.length + MAX_PROBLEMS;
  }

  private key(): boolean {
    this.skipSpace();
    const start = this.at;
    if (this.code() !== QUOTE || !this.skipString()) return false;
    const raw = this.text.slice(start + 1, this.at - 1);
    const key = raw.includes('\\') ? this.unescaped(start) : raw;
    if (key === null) return false;
    this.top().at = key;
    if (key !== raw) this.checkText(key);
    this.checkKey(key);
    this.skipSpace();
    return this.take(COLON);
  }

  private checkKey(key: string): void {
    const keys = this.top().keys as Set<string>;
    if (keys.size > MAX_KEYS || this.frames.length > this.maxDepth) return;
    if (keys.has(key)) this.report('duplicate_key', 'is there more than once');
    else if (keys.add(key).size > MAX_KEYS) {
      this.report('too_many_keys', `has more than ${MAX_KEYS} keys`, this.frames.length - 1);
    }
  }

  private string(): boolean {
    const start = this.at;
    if (!this.skipString()) return false;
    if (this.nextEscape !== -1 && this.nextEscape < start) {
      this.nextEscape = this.text.indexOf('\\u', start);
    }
    if (this.nextEscape === -1 || this.nextEscape > this.at) return true;
    const text = this.unescaped(start);
    if (text !== null) this.checkText(text);
    return text !== null;
  }

  private skipString(): boolean {
    const start = this.at;
    let end = this.text.indexOf('"', start + 1);
    while (end !== -1 && this.isEscaped(end)) end = this.text.indexOf('"', end + 1);
    this.at = end === -1 ? this.text.length : end + 1;
    return end !== -1 && !(this.isThorough && this.unescaped(start) === null);
  }

  private isEscaped(end: number): boolean {
    let at = end;
    while (this.text.charCodeAt(at - 1) === BACKSLASH) at--;
    return (end - at) % 2 === 1;
  }

  /** The string that ends here; null, with the reading point back at its start, where it is none. */
  private unescaped(start: number): string | null {
    try {
      return JSON.parse(this.text.slice(start, this.at)) as string;
    } catch {
      this.at = start;
      return null;
    }
  }

  private checkText(text: string): void {
    const reason = textProblem(text);
    if (reason !== null) this.report(reason, TEXT_MESSAGES[reason]);
  }

  private scalar(): boolean {
    NUMBER.lastIndex = this.at;
    if (NUMBER.test(this.text)) {
      const literal = this.text.slice(this.at, NUMBER.lastIndex);
      this.at = NUMBER.lastIndex;
      if (!survivesDouble(literal)) this.report('unsafe_number', 'is more than a double can hold');
      return true;
    }
    const literal = LITERALS.find((word) => this.text.startsWith(word, this.at));
    this.at += literal?.length ?? 0;
    return literal !== undefined;
  }

  private report(reason: ReasonCode, message: string, depth = this.frames.length): void {
    if (this.frames.length > this.maxDepth || this.problems.length >= this.cap) return;
    const place = this.frames
      .slice(0, depth)
      .map(({ at }) => (typeof at === 'string' ? shownKey(at) : at));
    this.problems.push(problem(reason, place, message));
  }

  private top(): Frame {
    return this.frames[this.frames.length - 1] as Frame;
  }

  private code(): number {
    return this.text.charCodeAt(this.at);
  }

  private take(code: number): boolean {
    if (this.code() !== code) return false;
    this.at++;
    return true;
  }

  private skipSpace(): void {
    for (let code = this.code(); code <= SPACE && isSpace(code); code = this.code()) this.at++;
  }
}

function newFrame(isObject: boolean): Frame {
  return isObject ? { keys: new Set(), at: '' } : { keys: null, at: 0 };
}

function isSpace(code: number): boolean {
  return code === SPACE || code === 0x0a || code === 0x0d || code === 0x09;
}
