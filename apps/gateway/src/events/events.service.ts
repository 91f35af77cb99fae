import { formatTimestamp, isSourceEvent, type JsonObject } from '@parley/contracts';
import { type RawEvent } from '@parley/event-store';
import { type Principal } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { invalid } from '../errors/http-problem.js';
import { HeadWatch } from '../reading/head-watch.js';
import { restored } from '../reading/log-epoch.js';
import { EventQueries, type StreamIdentity } from './events.queries.js';
import { type EventsRequest } from './events-request.js';

/** The log, for those who pull: every event once, in order, without gaps. */
@Injectable()
export class EventsService {
  constructor(
    private readonly queries: EventQueries,
    private readonly heads: HeadWatch,
  ) {}

  /** The events after a position; where there is none yet, waits for one as long as was asked for. */
  async listEvents({ tenantId }: Principal, request: EventsRequest): Promise<JsonObject> {
    const { after, limit, wait, epoch } = request;
    let logEpoch = await this.epochOf(tenantId, epoch);
    if (wait > 0) {
      await this.heads.reach(tenantId, after + 1, wait * 1000);
      logEpoch = await this.epochOf(tenantId, epoch);
    }
    const { events, head } = await this.queries.listEvents(tenantId, after, limit);
    if (after > head) throw aheadOf(head);
    const streams = new Set(events.map(({ streamId }) => streamId));
    const identities = await this.queries.listIdentities(tenantId, [...streams]);
    const last = events.at(-1)?.position ?? after;
    return {
      events: events.map((event) => rendered(event, identities.get(event.streamId))),
      next_after: last,
      has_more: last < head,
      as_of_position: Math.max(head, last),
      log_epoch: logEpoch,
    };
  }

  /** The epoch of the log; throws a 409 where it is not the one that the caller knows. */
  private async epochOf(tenant: string, known: number | null): Promise<number> {
    const epoch = await this.queries.epoch(tenant);
    if (known !== null && known !== epoch) throw restored(epoch);
    return epoch;
  }
}

/** Whoever is ahead of the log has read another one: waiting for it would pass over what comes until then. */
function aheadOf(head: number) {
  const msg = `the log has only reached ${head}`;
  return invalid({ loc: ['query', 'after'], msg, type: 'out_of_range' });
}

function rendered(event: RawEvent, identity: StreamIdentity | undefined): JsonObject {
  const { id, position, type, streamId, streamVersion, occurredAt, recordedAt, body } = event;
  return {
    id,
    position,
    type,
    conversation_id: identity?.conversation_id ?? null,
    agent: identity?.agent_id ?? null,
    stream_id: streamId,
    stream_version: streamVersion,
    occurred_at: formatTimestamp(occurredAt),
    recorded_at: formatTimestamp(recordedAt),
    is_source: isSourceEvent(type),
    data: body && (JSON.parse(body.toString('utf8')) as JsonObject),
  };
}
