import { type Problem, shownKey } from '@parley/contracts';

/** Where something is in a record: keys and indices from its root. */
export type Place = readonly (string | number)[];

const MAX_NOTES = 50;
const LONGEST_PLACE = 200;

/** What redaction has to say of one record: places and rules, never what was found there. */
export class Notes {
  private readonly maskedNotes = new Set<string>();
  private readonly flaggedNotes = new Set<string>();
  private readonly found: Problem[] = [];

  get masked(): readonly string[] {
    return [...this.maskedNotes];
  }

  /** As warnings of a receipt. */
  get flagged(): readonly string[] {
    return [...this.flaggedNotes].map((note) => `flagged:${note}`);
  }

  get problems(): readonly Problem[] {
    return this.found;
  }

  mask(place: Place, rule: string): void {
    add(this.maskedNotes, place, rule);
  }

  flag(place: Place, rule: string): void {
    add(this.flaggedNotes, place, rule);
  }

  reject(place: Place, rule: string): void {
    if (this.found.length === MAX_NOTES) return;
    const message = `holds what the account's redaction policy keeps out: ${rule}`;
    this.found.push({ reason: 'redaction_rejected', place: place.map(shown), message });
  }
}

function add(notes: Set<string>, place: Place, rule: string): void {
  if (notes.size < MAX_NOTES) notes.add(`${textOf(place)}: ${rule}`);
}

/** `messages[].content`: which of many it was would be a note each. */
function textOf(place: Place): string {
  if (place.length === 0) return '(record)';
  const text = place
    .map((step) => (typeof step === 'number' ? '[]' : `.${shownKey(step)}`))
    .join('')
    .slice(1);
  return text.length <= LONGEST_PLACE ? text : `${text.slice(0, LONGEST_PLACE).toWellFormed()}…`;
}

function shown(step: string | number): string | number {
  return typeof step === 'number' ? step : shownKey(step);
}
