import { type JsonObject } from '../json.js';
import { type Problem } from '../reason-codes.js';
import { conversationRecordSchema } from './conversation.decoder.js';
import { partnerMessageSchema } from './message.decoder.js';

const OWN_NAMES = namesIn([conversationRecordSchema, partnerMessageSchema]);

/**
 * A problem of a record in one line that quotes nothing of its content: of the keys on the way to the place, only those
 * that our own formats name are shown.
 */
export function problemText({ place, message }: Problem): string {
  const steps = place.map((step) => (typeof step === 'number' || OWN_NAMES.has(step) ? step : '*'));
  return steps.length === 0 ? `the record ${message}` : `${steps.join('/')} ${message}`;
}

/** Every name of a property, at any depth. */
function namesIn(schemas: readonly JsonObject[]): ReadonlySet<string> {
  const names = new Set(['ce_tenant', 'tenant', 'tenant_id', 'tenantId']);
  const look = (schema: JsonObject) => {
    const { properties, items } = schema as { properties?: JsonObject; items?: JsonObject };
    for (const [name, property] of Object.entries(properties ?? {})) {
      names.add(name);
      look(property as JsonObject);
    }
    if (items) look(items);
  };
  schemas.forEach(look);
  return names;
}
