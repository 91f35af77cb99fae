import { setImmediate } from 'node:timers/promises';
import { encodeEvent, EVENTS_TOPIC } from '@parley/contracts';
import { type FollowerLease, LogFollower, type RawEvent, readRaw } from '@parley/event-store';
import { type Bus } from '@parley/messaging';
import { type Pool } from 'pg';

/** Whose log goes to which bus. */
export interface RelayedTenant {
  readonly tenant: string;
  readonly pool: Pool;
  readonly bus: Bus;
}

// About what one request to Kafka takes.
const AT_ONCE = { events: 500, bytes: 1024 * 1024 };

/**
 * Publishes what is new in a tenant's log, in its order, until `signal` fires or the end is reached; answers whether
 * it was, false while another process is at it. What is published but not yet taken note of, as after a kill, is
 * published again: consumers drop what is not after their last place. So does a process that had fallen asleep and
 * lost its lease: it publishes at most the batch it had begun, which its successor began at or before.
 */
export async function relayTenant(
  { tenant, pool, bus }: RelayedTenant,
  signal: AbortSignal,
): Promise<boolean> {
  const follower = new LogFollower(pool, 'relay');
  const lease = await follower.take();
  if (!lease) return false;
  try {
    return await publishFrom(lease, { follower, pool, bus, tenant, signal });
  } finally {
    // Otherwise the next one would have to wait until it runs out.
    await follower.release(lease).catch(() => undefined);
  }
}

interface Publishing extends RelayedTenant {
  readonly follower: LogFollower;
  readonly signal: AbortSignal;
}

async function publishFrom(
  lease: FollowerLease,
  { follower, pool, bus, tenant, signal }: Publishing,
): Promise<boolean> {
  let { position } = lease;
  while (!signal.aborted) {
    const events = await readRaw(pool, position, AT_ONCE);
    const last = events.at(-1);
    if (!last) return true;
    await bus.publish(
      EVENTS_TOPIC,
      events.map((event) => encode(event, tenant, lease.logEpoch)),
    );
    if (!(await follower.advance(lease, last.position))) return false;
    position = last.position;
    // Those who wait for receipts go first.
    await setImmediate();
  }
  return false;
}

function encode(event: RawEvent, tenant: string, logEpoch: number) {
  return encodeEvent({
    tenant,
    log_epoch: logEpoch,
    event_id: event.id,
    position: event.position,
    stream_id: event.streamId,
    stream_version: event.streamVersion,
    type: event.type,
    occurred_at: event.occurredAt,
    recorded_at: event.recordedAt,
    body: event.body,
  });
}
