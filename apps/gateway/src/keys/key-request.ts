import { SCOPES } from '@parley/tenancy';
import { z } from 'zod';
import { type Detail, invalid } from '../errors/http-problem.js';
import { jsonBody } from '../http/json-body.js';

const KEY_REQUEST = z.strictObject({
  name: z.string().min(1).max(100).optional(),
  scopes: z.array(z.enum(SCOPES)).min(1),
  expires_at: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .refine((date) => date > new Date(), 'must be in the future')
    .optional(),
});

/** A key as asked for. */
export type KeyRequest = z.output<typeof KEY_REQUEST>;

/** Reads the body of POST /api/keys. */
export function keyRequestOf(body: unknown): KeyRequest {
  const result = KEY_REQUEST.safeParse(jsonBody(body));
  if (result.success) return result.data;
  throw invalid(...result.error.issues.map(detailOf));
}

function detailOf({ code, path, message }: z.core.$ZodIssue): Detail {
  const loc = ['body', ...path.map((part) => (typeof part === 'number' ? part : String(part)))];
  return { loc, msg: message, type: code === 'invalid_type' ? 'wrong_type' : 'out_of_range' };
}
