import { randomUUID } from 'node:crypto';
import { decodeUtf8 } from '../record/text.js';
import { type DeliveredCommand, type EncodedCommand, UUID } from './command.codec.js';

/** A request to try a dead letter of a tenant again. */
export interface Redrive {
  readonly tenant: string;
  readonly dead_letter_id: string;
}

const TYPE = 'RedriveDeadLetter';

/** Writes the request as a CloudEvent in Kafka's binary content mode; the letter itself stays where it is. */
export function encodeRedrive({ tenant, dead_letter_id }: Redrive): EncodedCommand {
  const headers = {
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_type: TYPE,
    ce_source: '/operators',
    ce_subject: dead_letter_id,
    ce_time: new Date().toISOString(),
    ce_tenant: tenant,
  };
  return { key: `${tenant}/${dead_letter_id}`, headers, value: Buffer.from('{}') };
}

/** The id of the dead letter that a record asks to try again; null where it is no such request. */
export function redriveIn({ headers }: Pick<DeliveredCommand, 'headers'>): string | null {
  const text = (name: string) => {
    const value = headers[name];
    return value instanceof Uint8Array ? decodeUtf8(value) : (value ?? null);
  };
  const id = text('ce_type') === TYPE ? text('ce_subject') : null;
  return id !== null && UUID.test(id) ? id : null;
}
