import { setImmediate } from 'node:timers/promises';
import { encodeEvent, EVENTS_TOPIC } from '@parley/contracts';
import {
  type FollowerLease,
  followLog,
  LogFollower,
  type RawEvent,
  readRaw,
} from '@parley/event-store';
import { type Bus } from '@parley/messaging';
import { type FollowedTenant } from '../following/log-worker.js';

/** Whose log goes to which bus. */
export interface RelayedTenant extends FollowedTenant {
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
  const step = async (lease: FollowerLease, position: number) => {
    const events = await readRaw(pool, position, AT_ONCE);
    const last = events.at(-1);
    if (!last) return position;
    await bus.publish(
      EVENTS_TOPIC,
      events.map((event) => encode(event, tenant, lease.logEpoch)),
    );
    const isMoved = await follower.advance(lease, last.position);
    // Those who wait for receipts go first.
    await setImmediate();
    return isMoved ? last.position : null;
  };
  return followLog(follower, step, signal);
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
