import { setTimeout as delay } from 'node:timers/promises';
import { type Json, type JsonObject } from '@parley/contracts';
import { addAuditEvent, type NewAuditEvent, type Queryable, withClient } from '@parley/event-store';
import { DomainError } from '@parley/event-sourcing';
import { type Pool } from 'pg';
import { DEFAULT_POLICY, readPolicy, type RedactionPolicy } from './policy.js';
import { Redactor } from './redactor.js';

/** A tenant's policy as it is in force; `id` is 0, and nobody has set it, where the default is. */
export interface StoredPolicy {
  readonly id: number;
  readonly policy: RedactionPolicy;
  readonly created_at: Date | null;
  readonly actor: string | null;
}

interface Known {
  readonly redactor: Redactor;
  readonly readAt: number;
}

interface Reading {
  readonly redactor: Promise<Redactor>;
  readonly readAt: number;
}

interface Row {
  readonly id: string;
  readonly policy: Json;
  readonly created_at: Date;
  readonly actor: string;
}

const FRESH_FOR_MS = 1_000;
/** From then on it is read anew, while whoever asks still gets the one before. */
const AGEING_AFTER_MS = 500;
/** Clocks of two processes don't run quite alike. */
const MARGIN_MS = 50;
/** A silent database must not keep a door waiting for longer than it may be away. */
const ANSWER_WITHIN_MS = 3_000;

const NEWEST = {
  text: 'SELECT id, policy, created_at, actor FROM redaction_policies ORDER BY id DESC LIMIT 1',
  query_timeout: ANSWER_WITHIN_MS,
};
const INSERT =
  'INSERT INTO redaction_policies (policy, actor) VALUES ($1, $2) RETURNING id, policy, created_at, actor';

/** The redaction policies of tenants, as their databases hold them. */
export class RedactionPolicies {
  private readonly known = new Map<string, Known>();
  private readonly underWay = new Map<string, Reading>();

  /** `databaseOf` answers where a tenant's policy can be read. */
  constructor(private readonly databaseOf: (tenant: string) => Promise<Queryable>) {}

  /**
   * What redacts a tenant's records now; not older than a second. Rejects where the policy can't be read: then nothing
   * of the tenant may be published.
   */
  async redactorOf(tenant: string): Promise<Redactor> {
    const now = performance.now();
    const known = this.known.get(tenant);
    if (!known || now - known.readAt >= FRESH_FOR_MS) return this.reading(tenant, now);
    // Who asks next hears of a failure.
    if (now - known.readAt >= AGEING_AFTER_MS) this.reading(tenant, now).catch(() => undefined);
    return known.redactor;
  }

  private reading(tenant: string, now: number): Promise<Redactor> {
    const other = this.underWay.get(tenant);
    if (other && now - other.readAt < FRESH_FOR_MS) return other.redactor;
    const mine = { redactor: this.read(tenant, now), readAt: now };
    this.underWay.set(tenant, mine);
    const forget = () => {
      if (this.underWay.get(tenant) === mine) this.underWay.delete(tenant);
    };
    mine.redactor.then(forget, forget);
    return mine.redactor;
  }

  private async read(tenant: string, readAt: number): Promise<Redactor> {
    const { policy } = await policyIn(await this.databaseOf(tenant));
    const redactor = new Redactor(policy);
    if (readAt >= (this.known.get(tenant)?.readAt ?? 0))
      this.known.set(tenant, { redactor, readAt });
    return redactor;
  }
}

/** The policy in force in a tenant's database. */
export async function policyIn(db: Queryable): Promise<StoredPolicy> {
  const { rows } = await db.query<Row>(NEWEST);
  return rows[0]
    ? stored(rows[0])
    : { id: 0, policy: DEFAULT_POLICY, created_at: null, actor: null };
}

/**
 * Puts a policy in force, with an audit event, and answers once no process uses the one before it any more: what is sent
 * after the answer is redacted by the new one.
 */
export async function setPolicy(
  pool: Pool,
  policy: RedactionPolicy,
  actor: string,
): Promise<StoredPolicy> {
  const set = await withClient(pool, async (client) => {
    await client.query('BEGIN');
    const { rows } = await client.query<Row>(INSERT, [JSON.stringify(policy), actor]);
    const policies = rows.map(stored);
    for (const { id } of policies) await addAuditEvent(client, auditEvent(id, policy, actor));
    await client.query('COMMIT');
    return policies;
  });
  await delay(FRESH_FOR_MS + MARGIN_MS);
  return set[0] ?? policyIn(pool);
}

function auditEvent(id: number, policy: RedactionPolicy, actor: string): NewAuditEvent {
  const details = { policy: policy as unknown as JsonObject };
  return { actor, action: 'redaction.set', subject: `redaction-policy:${id}`, details };
}

/** Throws where the row holds what this code does not know: better no record than one that is not redacted. */
function stored({ id, policy, ...row }: Row): StoredPolicy {
  const read = readPolicy(policy);
  if (!read.ok)
    throw new DomainError('redaction/unreadable', 'this redaction policy is not known here');
  return { ...row, id: Number(id), policy: read.value };
}
