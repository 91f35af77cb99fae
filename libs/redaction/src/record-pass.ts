import {
  checkBounds,
  type HeaderFields,
  type JsonObject,
  type MessageFields,
  type Problem,
} from '@parley/contracts';
import { HEADER, type KnownFields, MESSAGE } from './known-fields.js';
import { Notes, type Place } from './notes.js';
import { type RecordRules, Walk, type WalkStart } from './walk.js';

const UNKNOWN_FIELD = 'unknown_field:';
const IN_CONVERSATION = 'messages[].';

/** One record on its way through a policy. */
export class RecordPass {
  private readonly notes = new Notes();
  private readonly tooLarge: Problem[] = [];
  private readonly rewordings = new Map<string, string>();

  constructor(private readonly rules: RecordRules) {}

  get masked(): readonly string[] {
    return this.notes.masked;
  }

  get problems(): readonly Problem[] {
    return [...this.notes.problems, ...this.tooLarge];
  }

  /** Ids by the names of their fields; those that were not sent are undefined. */
  identity(ids: Readonly<Record<string, string | undefined>>): void {
    const walk = new Walk(this.rules, this.notes);
    for (const [name, id] of Object.entries(ids)) if (id !== undefined) walk.identity(name, id);
  }

  header(fields: HeaderFields): HeaderFields {
    return this.take(fields, HEADER, { place: [], above: [] });
  }

  /** A message alone. */
  message(fields: MessageFields): MessageFields {
    return this.take(fields, MESSAGE, { place: [], above: ['messages'] });
  }

  /** The messages of a conversation record. */
  messages(all: readonly MessageFields[]): readonly MessageFields[] {
    return all.map((fields, index) =>
      this.take(fields, MESSAGE, { place: ['messages', index], above: [] }),
    );
  }

  /** What the decoder had to say, without the names that were masked, and what is flagged. */
  warnings(decoded: readonly string[]): readonly string[] {
    const reworded = decoded.map((warning) => this.rewordings.get(warning) ?? warning);
    return [...new Set(reworded), ...this.notes.flagged];
  }

  private take<Fields extends JsonObject>(
    fields: Fields,
    known: KnownFields,
    start: WalkStart,
  ): Fields {
    const walk = new Walk(this.rules, this.notes, start);
    const redacted = walk.record(fields, known);
    if (redacted === fields) return fields;
    this.tooLarge.push(...checkBounds(redacted, start.place));
    for (const [before, after] of walk.renamed) this.reword(start.place, before, after);
    return redacted;
  }

  private reword(place: Place, before: string, after: string): void {
    const prefix = UNKNOWN_FIELD + (place.length > 0 ? IN_CONVERSATION : '');
    this.rewordings.set(prefix + before, prefix + after);
  }
}
