import { COMMANDS_TOPIC, encodeRedrive } from '@parley/contracts';
import {
  addAuditEvent,
  type DeadLetterSummary,
  isRedrivable,
  type Queryable,
} from '@parley/event-store';
import { type Bus } from '@parley/messaging';

/** Whose letters are tried again, and who wants it: `key:<id of the credential>` or `cli`. */
export interface RedriveRequest {
  readonly tenant: string;
  readonly pool: Queryable;
  readonly bus: Pick<Bus, 'publish'>;
  readonly actor: string;
}

/**
 * Asks ingestion to try letters again; answers for which of them, as those that can't be are passed over. Where it works
 * the letter is gone, else it has one attempt more.
 */
export async function redriveDeadLetters(
  { tenant, pool, bus, actor }: RedriveRequest,
  letters: readonly DeadLetterSummary[],
): Promise<readonly DeadLetterSummary[]> {
  const redriven = letters.filter(isRedrivable);
  const ids = redriven.map(({ id }) => id);
  const [first] = ids;
  if (first === undefined) return [];
  const subject = ids.length === 1 ? first : `${ids.length} dead letters`;
  await addAuditEvent(pool, { actor, action: 'dead-letter.redrive', subject, details: { ids } });
  const records = ids.map((id) => encodeRedrive({ tenant, dead_letter_id: id }));
  await bus.publish(COMMANDS_TOPIC, records);
  return redriven;
}
