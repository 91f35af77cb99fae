import { createSecretKey, type KeyObject, randomUUID } from 'node:crypto';
import { DomainError } from '@parley/event-sourcing';
import { LRUCache } from 'lru-cache';
import { IsNull } from 'typeorm';
import { type ControlDatabase } from '../control/control-database.js';
import { Credential } from '../control/credential.entity.js';
import { createApiKey, digestOf, isApiKey } from './api-key.js';
import { checkNewCredential, type NewCredential } from './new-credential.js';
import { type Principal } from './principal.js';

/** With at most 2 s for a query, what is revoked anywhere is refused everywhere within 5 s. */
const KNOWN_FOR_MS = 2_500;
const KNOWN_AT_MOST = 10_000;
const UNIQUE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A credential just made, as it is stored; the one time that `key` is shown. */
export interface IssuedCredential {
  readonly credential: Credential;
  readonly key: string;
}

/** What is known of a key: its bearer and end, or that there is none. */
type Known =
  { readonly principal: Principal; readonly endsAt: number } | { readonly principal: null };

const NOBODY: Known = { principal: null };

/** Makes, knows and revokes credentials. */
export class Credentials {
  private readonly known: LRUCache<string, Known>;
  private readonly secret: KeyObject;

  constructor(private readonly control: ControlDatabase) {
    this.secret = createSecretKey(control.access.secret);
    this.known = new LRUCache<string, Known>({
      max: KNOWN_AT_MOST,
      ttl: KNOWN_FOR_MS,
      fetchMethod: (digest) => this.look(digest),
      // Who asks while their entry is replaced or crowded out still gets the answer of their own query.
      ignoreFetchAbort: true,
    });
  }

  /** Throws `DomainError`: `tenant/unknown`, `credential/invalid`, or `credential/unsupported-kind`. */
  async create(asked: NewCredential): Promise<IssuedCredential> {
    const checked = checkNewCredential(asked, new Date());
    const key = createApiKey();
    const id = randomUUID();
    const ends = { prefix: key.slice(0, 8), last4: key.slice(-4) };
    const digest = digestOf(this.secret, key);
    try {
      await this.control.rows.insert(Credential, { id, ...checked, ...ends, digest });
    } catch (error) {
      throw isForeignKeyViolation(error)
        ? new DomainError('tenant/unknown', 'there is no such tenant')
        : error;
    }
    return { credential: await this.control.rows.findOneByOrFail(Credential, { id }), key };
  }

  /**
   * The bearer of a key, or null. Asks the database at most once in 2.5 s for each key, and never for what has not the
   * form and checksum of a key; rejects when the database is away. Before it asks of a key that was not valid when last
   * seen, or never was seen, it awaits `beforeStranger`, which may throw to spare the database.
   */
  async authenticate(key: string, beforeStranger?: () => Promise<void>): Promise<Principal | null> {
    if (!isApiKey(key)) return null;
    const digest = digestOf(this.secret, key).toString('hex');
    if (!this.known.peek(digest, { allowStale: true })?.principal) await beforeStranger?.();
    const known = await this.known.fetch(digest);
    if (!known?.principal || known.endsAt <= Date.now()) return null;
    return known.principal;
  }

  /** The credentials that are not revoked, of one tenant or of all, oldest first; without anything to log in with. */
  async list(tenantId?: string): Promise<Credential[]> {
    return this.control.rows.find(Credential, {
      where: { revokedAt: IsNull(), ...(tenantId === undefined ? {} : { tenantId }) },
      order: { createdAt: 'ASC', id: 'ASC' },
    });
  }

  /** Ends a credential for good, within 5 s on every replica; false when the tenant (if given) has none of that id. */
  async revoke(id: string, tenantId?: string): Promise<boolean> {
    if (!UNIQUE_ID.test(id)) return false;
    const which = { id, revokedAt: IsNull(), ...(tenantId === undefined ? {} : { tenantId }) };
    const revoked = await this.control.rows
      .createQueryBuilder()
      .update(Credential)
      .set({ revokedAt: new Date() })
      .where(which)
      .returning('digest')
      .execute();
    const [row] = revoked.raw as { digest: Buffer }[];
    if (!row) return false;
    // In the place of a look-up under way, too, which may have read the row before it was changed.
    this.known.set(row.digest.toString('hex'), NOBODY);
    return true;
  }

  private async look(digest: string): Promise<Known> {
    const row = await this.control.rows.findOneBy(Credential, {
      digest: Buffer.from(digest, 'hex'),
      revokedAt: IsNull(),
    });
    if (!row) return NOBODY;
    const { id: credentialId, tenantId, kind, scopes, expiresAt } = row;
    const endsAt = expiresAt ? expiresAt.getTime() : Infinity;
    return { principal: { tenantId, credentialId, kind, scopes }, endsAt };
  }
}

function isForeignKeyViolation(error: unknown): boolean {
  return (error as { code?: unknown }).code === '23503';
}
