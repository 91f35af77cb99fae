import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { invalid } from '../errors/http-problem.js';

const PARTS = z.array(z.string());

/** Opaque texts for callers to hand back, signed: one is good only for the scope (tenant, filters) it was made for. */
export class Cursors {
  constructor(private readonly key: Buffer) {}

  seal(scope: string, parts: readonly string[]): string {
    const text = JSON.stringify(parts);
    return `${Buffer.from(text).toString('base64url')}.${this.sign(scope, text).toString('base64url')}`;
  }

  /** The parts, or null for a cursor that was not made here for this scope. */
  open(scope: string, cursor: string): readonly string[] | null {
    const [body = '', signature = ''] = cursor.split('.', 2);
    const text = Buffer.from(body, 'base64url').toString();
    const given = Buffer.from(signature, 'base64url');
    const expected = this.sign(scope, text);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    return PARTS.parse(JSON.parse(text));
  }

  /** The same of the query parameter `name`: null where it is not given; throws a 422 for what is no cursor of the scope. */
  given(scope: string, name: string, cursor: string | null): readonly string[] | null {
    if (cursor === null) return null;
    const parts = this.open(scope, cursor);
    if (parts) return parts;
    throw invalid({ loc: ['query', name], msg: 'not a cursor of this list', type: 'bad_cursor' });
  }

  private sign(scope: string, text: string): Buffer {
    return createHmac('sha256', this.key)
      .update(JSON.stringify([scope, text]))
      .digest();
  }
}
