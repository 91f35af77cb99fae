import { findCards } from './detectors/card.detector.js';
import { type Detector, LookedAt, type Span } from './detectors/detector.js';
import { findEmails } from './detectors/email.detector.js';
import { patternDetector } from './detectors/pattern.detector.js';
import { phoneDetector } from './detectors/phone.detector.js';
import { fold } from './folded-text.js';
import { type Action, type Validator } from './policy.js';

/** A validator, ready to look. */
export interface TextRule {
  readonly name: string;
  readonly action: Action;
  readonly detect: Detector;
}

/** What was found in a text: by which rules, and the text with labels in the place of what is to be masked. */
export interface Findings {
  readonly text: string;
  readonly rules: readonly TextRule[];
}

interface Label extends Span {
  readonly label: string;
}

/** The rules of a policy's validators, in their order. */
export function textRules(validators: readonly Validator[]): TextRule[] {
  return validators.map((validator) => ({
    name: validator.kind === 'pattern' ? validator.name : validator.kind,
    action: validator.action,
    detect: detectorOf(validator),
  }));
}

/** Looks at a text with every rule; null where none finds anything. */
export function inspect(text: string, rules: readonly TextRule[]): Findings | null {
  if (rules.length === 0) return null;
  const folded = fold(text);
  const looked = new LookedAt(folded.text);
  const broken: TextRule[] = [];
  const labels: Label[] = [];
  for (const rule of rules) {
    const spans = rule.detect(looked);
    if (spans.length === 0) continue;
    broken.push(rule);
    if (rule.action === 'mask')
      labels.push(...spans.map((span) => ({ ...folded.origin(span), label: `[${rule.name}]` })));
  }
  return broken.length === 0 ? null : { text: labelled(text, labels), rules: broken };
}

function detectorOf(validator: Validator): Detector {
  switch (validator.kind) {
    case 'email':
      return findEmails;
    case 'card':
      return findCards;
    case 'phone':
      return phoneDetector(validator.region);
    case 'pattern':
      return patternDetector(validator.pattern);
  }
}

function labelled(text: string, labels: readonly Label[]): string {
  let result = '';
  let from = 0;
  for (const { start, end, label } of merged(labels)) {
    result += text.slice(from, start) + label;
    from = end;
  }
  return result + text.slice(from);
}

/** What overlaps becomes one, under the label of what begins first, or is longer. */
function merged(labels: readonly Label[]): Label[] {
  const result: Label[] = [];
  for (const next of labels.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (!last || next.start >= last.end) result.push(next);
    else if (next.end > last.end) result[result.length - 1] = { ...last, end: next.end };
  }
  return result;
}
