import { ActiveReads, type RawEvent, readHead, readRaw, type RowsQuery } from '@parley/event-store';
import { TenantDatabases } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { readEpoch } from '../reading/log-epoch.js';

/** Whose events a stream's are, as it is now. */
export interface StreamIdentity {
  readonly stream_id: string;
  readonly conversation_id: string;
  readonly agent_id: string;
}

/** The log from one place on. */
export interface LogPart {
  readonly events: readonly RawEvent[];
  readonly head: number;
}

const IDENTITIES: RowsQuery = ({ name }) => `
SELECT c.stream_id, c.conversation_id, c.agent_id FROM ${name}.conversations c WHERE c.stream_id = ANY($1::uuid[])`;

const MAX_BYTES = 4 * 1024 * 1024;

/** Reads the log of a tenant, with rights to read only. */
@Injectable()
export class EventQueries {
  constructor(
    private readonly databases: TenantDatabases,
    private readonly reads: ActiveReads,
  ) {}

  async epoch(tenant: string): Promise<number> {
    return readEpoch(await this.databases.pool(tenant, 'reader'));
  }

  async listEvents(tenant: string, after: number, limit: number): Promise<LogPart> {
    const pool = await this.databases.pool(tenant, 'reader');
    // Before the events: what is said of the log must be true of them.
    const head = await readHead(pool);
    return { events: await readRaw(pool, after, { events: limit, bytes: MAX_BYTES }), head };
  }

  /** The conversations of these streams; those that were deleted are not among them. */
  async listIdentities(
    tenant: string,
    streams: readonly string[],
  ): Promise<ReadonlyMap<string, StreamIdentity>> {
    const pool = await this.databases.pool(tenant, 'reader');
    const rows = await this.reads.query<StreamIdentity & object>(pool, IDENTITIES, [streams]);
    return new Map(rows.map((row) => [row.stream_id, row]));
  }
}
