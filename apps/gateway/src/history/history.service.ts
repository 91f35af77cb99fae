import { findConversation } from '@parley/domain';
import { type LogMoment } from '@parley/event-store';
import { type Principal } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { AS_OF_HEADER, notFound, referenceTo } from '../conversations/reference.js';
import { documentedConversation } from '../conversations/renderings.js';
import { invalid } from '../errors/http-problem.js';
import { type Answer } from '../uploads/answer.js';
import { changesAfter } from './changes.js';
import { HistoryQueries } from './history.queries.js';
import { type DiffRequest } from './history-request.js';
import { type Moment } from './moment.js';
import { asStored, type PastConversation, pastConversation } from './past-conversation.js';

interface Found extends PastConversation {
  readonly streamId: string;
}

/** Conversations as they were known, and what changed them: folded from the log by the code that serves them. */
@Injectable()
export class HistoryService {
  constructor(private readonly queries: HistoryQueries) {}

  /** A conversation as it was known at a moment. */
  async getConversation(
    { tenantId }: Principal,
    id: string,
    agent: string | null,
    moment: Moment,
  ): Promise<Answer> {
    referenceTo(id, agent);
    const { position } = await this.locate(tenantId, 'as_of', moment);
    const found = await this.find(tenantId, { id, agent, until: position });
    return {
      status: 200,
      headers: { [AS_OF_HEADER]: String(position) },
      body: documentedConversation(asStored(found)),
    };
  }

  /** Which event changed what, after one moment until another. */
  async listChanges({ tenantId }: Principal, id: string, request: DiffRequest): Promise<Answer> {
    const { agent, limit } = request;
    referenceTo(id, agent);
    const to = await this.locate(tenantId, 'to', request.to);
    const from = await this.locate(tenantId, 'from', request.from);
    if (from.position > to.position) throw outOfRange('from', 'later than `to`');
    const until = to.position;
    const { row, streamId } = await this.find(tenantId, { id, agent, until });
    const events = this.queries.readEvents(tenantId, streamId, until);
    const found = await changesAfter(events, from.position, limit);
    if (!found) throw notThere(until);
    const { changes, isCut } = found;
    return {
      status: 200,
      headers: { [AS_OF_HEADER]: String(to.head) },
      body: {
        conversation_id: id,
        agent: row.agent_id,
        from: from.position,
        to: until,
        events: changes,
        next_from: isCut ? (changes.at(-1)?.['position'] ?? null) : null,
        as_of_position: to.head,
      },
    };
  }

  private async locate(tenant: string, name: string, moment: Moment | null): Promise<LogMoment> {
    const located = await this.queries.locate(tenant, moment);
    if (located.isAhead) throw outOfRange(name, 'nothing is known of a moment to come');
    return located;
  }

  /** By its identity of then (D7); failing that, by the agent it has now. */
  private async find(
    tenant: string,
    { id, agent, until }: { readonly id: string; readonly agent: string | null; until: number },
  ): Promise<Found> {
    const streams = await this.queries.listStreams(tenant, id, agent);
    const past: (Found & { readonly agentNow: string })[] = [];
    for (const { stream_id, agent_id } of streams) {
      const events = this.queries.readEvents(tenant, stream_id, until);
      const conversation = await pastConversation(events);
      if (conversation) past.push({ ...conversation, streamId: stream_id, agentNow: agent_id });
    }
    const rows = past.map(({ row }) => row);
    const then = findConversation(rows, referenceTo(id, agent), 'http');
    const found = past.find(({ row, agentNow }) => (then ? row === then : agentNow === agent));
    if (!found) throw notThere(until);
    return found;
  }
}

function notThere(until: number) {
  return notFound('there was no such conversation, or it was deleted since', until);
}

function outOfRange(name: string, msg: string) {
  return invalid({ loc: ['query', name], msg, type: 'out_of_range' });
}
