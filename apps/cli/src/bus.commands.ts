import { randomUUID } from 'node:crypto';
import { INGESTION_GROUP, PARTNERS_GROUP, tenantOfPartnerTopic } from '@parley/contracts';
import { readModels } from '@parley/domain';
import { DomainError } from '@parley/event-sourcing';
import { addAuditEvent, EventStore, type NewAuditEvent } from '@parley/event-store';
import { type Source } from '@parley/messaging';
import { auditInstallation, UnroutableRecords } from '@parley/tenancy';
import { type Answer } from './answer.js';
import { type Installation } from './installation.js';
import { wholeNumber } from './whole-number.js';

/** Options of `bus skip` as they are typed. */
export interface SkipOptions {
  readonly topic: string;
  readonly partition: string;
  readonly offset: string;
  readonly to?: string;
  readonly reason: string;
}

interface Skip {
  readonly source: Source;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly logStart: number;
}

const REASON = 'skipped_by_operator';

/**
 * `bus skip`: lets ingestion go on behind what it can't get past. It must stand still, and be exactly there: nothing
 * else may be passed over. A dead letter and an audit event say what was, before it is.
 */
export async function skip(installation: Installation, options: SkipOptions): Promise<Answer> {
  const asked = await readSkip(installation, options);
  const { source, from, to } = asked;
  const bus = await installation.bus();
  const committed = await bus.committed(source.group, source.topic);
  const at = committed.get(source.partition) ?? asked.logStart;
  if (at !== from)
    throw new DomainError(
      'bus/not-there',
      `${source.group} is at offset ${at} of ${source.topic}/${source.partition}: only what it stands before can be skipped`,
    );
  // To where it is: refused while ingestion runs, before anything is said to have been skipped.
  await bus.moveGroup({ ...source, at, to: at });
  await record(installation, asked);
  await bus.moveGroup({ ...source, at, to: to + 1 });
  const { group, incarnation, topic, partition } = source;
  return {
    json: { group, incarnation, topic, partition, from, to, reason: asked.reason },
    lines: [`${source.group} goes on at offset ${to + 1} of ${source.topic}/${source.partition}`],
  };
}

async function readSkip(
  installation: Installation,
  { topic, partition, offset, to = offset, reason }: SkipOptions,
): Promise<Skip> {
  const place = wholeNumber('--partition', partition);
  const from = wholeNumber('--offset', offset);
  const last = wholeNumber('--to', to);
  if (last < from) throw new DomainError('bus/no-range', '--to is before --offset');
  const bus = await installation.bus();
  const group = tenantOfPartnerTopic(topic) === null ? INGESTION_GROUP : PARTNERS_GROUP;
  const end = (await bus.ends(topic)).find((one) => one.partition === place);
  if (!end || last >= end.highWater)
    throw new DomainError('bus/no-range', `${topic}/${place} has no offset ${last}`);
  const incarnation = await bus.incarnation(topic);
  const source = { bus: bus.id, incarnation, group, topic, partition: place };
  return { source, from, to: last, reason, logStart: end.logStart };
}

async function record({ control, databases }: Installation, asked: Skip): Promise<void> {
  const { source, from, to, reason } = asked;
  const event: NewAuditEvent = {
    ...{ actor: 'cli', action: 'bus.skip', subject: `${source.topic}/${source.partition}` },
    details: { from, to, reason },
  };
  const tenant = tenantOfPartnerTopic(source.topic);
  if (tenant === null) {
    const nothing = { offset: from, key: null, headers: {}, value: null };
    await new UnroutableRecords(control).keep(source, [nothing], REASON);
    return auditInstallation(control, event);
  }
  const store = new EventStore(await databases.pool(tenant, 'app'), readModels);
  await store.transact('interactive', async (tx) => {
    tx.ledger.addDeadLetter(deadLetter(asked, tx.now));
    await addAuditEvent(tx.client, event);
  });
}

function deadLetter({ source, from, to, reason }: Skip, now: number) {
  const { bus, incarnation, topic, partition } = source;
  return {
    ...{ id: randomUUID(), arrived_at: now, version: null, door: 'kafka' as const },
    ...({ reason: REASON, detail: `offsets ${from} to ${to}: ${reason}`.slice(0, 300) } as const),
    ...{ bus_id: bus, incarnation, topic, partition, offset: from },
    ...{ record_key: null, headers: null, value: null },
    ...{ agent_id: null, conversation_id: null, message_id: null, stream_id: null },
    ...{ attempts: 1, first_failed_at: now, last_failed_at: now },
  };
}
