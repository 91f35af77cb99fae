import { type Decoded, type Json, type Problem } from '@parley/contracts';
import { isSupportedCountry } from 'libphonenumber-js';
import { z } from 'zod';
import { patternProblem } from './detectors/pattern.detector.js';

/** What is done about something found: put a label in its place, say so in the receipt, or refuse the record. */
export const ACTIONS = ['mask', 'flag', 'reject'] as const;

/** One of `ACTIONS`. */
export type Action = (typeof ACTIONS)[number];

const MAX_FIELDS = 200;
const MAX_VALIDATORS = 20;
const MAX_LENGTH = 500;

const action = z.enum(ACTIONS);
const simple = (kind: 'email' | 'card') => z.strictObject({ kind: z.literal(kind), action });

const phone = z.strictObject({
  kind: z.literal('phone'),
  region: z.string().refine(isSupportedCountry, 'is no ISO 3166-1 code of a region').optional(),
  action,
});

const pattern = z.strictObject({
  kind: z.literal('pattern'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_ -]{0,39}$/, 'is a word or a few, of 40 characters'),
  pattern: z.string().min(1).max(MAX_LENGTH).superRefine(checkPattern),
  action,
});

const schema = z.strictObject({
  missing_info_fields: z.boolean().default(true),
  fields: z
    .array(z.strictObject({ path: z.string().min(1).max(MAX_LENGTH), action }))
    .max(MAX_FIELDS)
    .default([]),
  validators: z
    .array(z.discriminatedUnion('kind', [simple('email'), phone, simple('card'), pattern]))
    .max(MAX_VALIDATORS)
    .default([]),
});

/**
 * What a tenant wants redacted (D62): the fields that a record names in its own `missing_info.fields`, further fields by
 * their paths, and what validators find in any other text.
 */
export type RedactionPolicy = z.output<typeof schema>;

/** One validator of a policy. */
export type Validator = RedactionPolicy['validators'][number];

/** What holds where a tenant has said nothing. */
export const DEFAULT_POLICY: RedactionPolicy = schema.parse({});

/** Reads a policy, defaults filled in; never throws. */
export function readPolicy(value: Json): Decoded<RedactionPolicy> {
  const read = schema.safeParse(value);
  if (read.success) return { ok: true, value: read.data, warnings: [] };
  return { ok: false, problems: read.error.issues.map(problemOf) };
}

function problemOf({ code, path, message }: z.core.$ZodIssue): Problem {
  const place = path.map((step) => (typeof step === 'number' ? step : String(step)));
  return { reason: code === 'invalid_type' ? 'wrong_type' : 'out_of_range', place, message };
}

function checkPattern(text: string, context: z.RefinementCtx): void {
  const message = patternProblem(text);
  if (message !== null) context.addIssue({ code: 'custom', message });
}
