import { DOORS, type Door } from '@parley/contracts';
import { type Standing } from '@parley/event-store';
import { type Bus } from '@parley/messaging';
import { LRUCache } from 'lru-cache';
import { type Pool } from 'pg';
import { type ControlDatabase } from '../control/control-database.js';
import { type Parked, ParkedRecords } from '../parking/parked-records.js';
import { type Backlog } from './backlog.js';
import { BacklogReader } from './backlog-reader.js';
import {
  type DoorFreshness,
  type LogFreshness,
  type TenantFreshness,
} from './freshness.document.js';
import { standingOf } from './read-standing.js';

/** What freshness is measured on; `pool` answers that of a tenant's database, to which reading is enough. */
export interface FreshnessParts {
  readonly bus: Bus;
  readonly control: ControlDatabase;
  readonly pool: (tenant: string) => Promise<Pool>;
}

const KNOWN_FOR_MS = 1_000;
const KNOWN_AT_MOST = 1_000;

/**
 * Tells whether all records of a tenant are applied, and if not, how many are late, by which door they came, and where
 * they are. Answers are up to a second old.
 */
export class Freshness {
  private readonly reader: BacklogReader;
  private readonly parked: ParkedRecords;
  private readonly known = new LRUCache<string, TenantFreshness>({
    max: KNOWN_AT_MOST,
    ttl: KNOWN_FOR_MS,
    fetchMethod: (tenant) => this.measure(tenant),
    ignoreFetchAbort: true,
  });

  constructor(private readonly parts: FreshnessParts) {
    this.reader = new BacklogReader(parts.bus);
    this.parked = new ParkedRecords(parts.control);
  }

  /** Rejects where bus or control database are away; a tenant's database that is away is part of the answer. */
  of(tenant: string): Promise<TenantFreshness> {
    return this.known.forceFetch(tenant);
  }

  private async measure(tenant: string): Promise<TenantFreshness> {
    const { bus, pool } = this.parts;
    const tails = await this.reader.tails();
    const now = Date.now();
    // Whoever ends a parking has applied all of it before: so what is applied is asked for last.
    const parked = await this.parked.list(bus.id, tenant);
    const standing = await standingOf(await pool(tenant), bus.id);
    const found = await this.reader.read({ tenant, standing, parked }, tails);
    const backlogs = found.flatMap((one) => one.backlogs);
    return {
      measured_at: new Date(now).toISOString(),
      database: standing ? 'up' : 'away',
      log: standing && logOf(standing),
      parked: { partitions: parked.length, since: parkedSince(parked) },
      doors: DOORS.map((door) => freshnessOf(door, { backlogs, standing, now })),
      partitions: found.map(({ partition }) => partition),
    };
  }
}

interface Found {
  readonly backlogs: readonly Backlog[];
  readonly standing: Standing | null;
  readonly now: number;
}

function freshnessOf(door: Door, { backlogs, standing, now }: Found): DoorFreshness {
  const own = backlogs.filter((backlog) => backlog.door === door);
  const oldest = Math.min(...own.flatMap((backlog) => backlog.oldest ?? []));
  return {
    door,
    lag: {
      records: sum(own.map(({ records }) => records)),
      seconds: Number.isFinite(oldest) ? Math.max(0, now - oldest) / 1000 : 0,
      at_least: own.some(({ isAtLeast }) => isAtLeast),
    },
    parked: sum(own.map((backlog) => backlog.parked)),
    waiting: standing && waitingOf(standing, door),
    dead_letters: standing && deadLettersOf(standing, door),
  };
}

function waitingOf({ waiting }: Standing, door: Door): DoorFreshness['waiting'] {
  const found = waiting.find((one) => one.door === door);
  return { records: found?.records ?? 0, oldest_at: found ? time(found.oldestAt) : null };
}

function deadLettersOf({ deadLetters }: Standing, door: Door): DoorFreshness['dead_letters'] {
  const own = deadLetters.filter((one) => one.door === door);
  return {
    records: sum(own.map(({ letters }) => letters)),
    by_reason: Object.fromEntries(own.map(({ reason, letters }) => [reason, letters])),
  };
}

function logOf({ head, recordedAt, published }: Standing): LogFreshness {
  const last = recordedAt === null ? null : time(recordedAt);
  return { head, last_recorded_at: last, unpublished: Math.max(0, head - published) };
}

function parkedSince(parked: readonly Parked[]): string | null {
  const [first] = parked;
  return first?.parkedAt.toISOString() ?? null;
}

function time(millis: number): string {
  return new Date(millis).toISOString();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
