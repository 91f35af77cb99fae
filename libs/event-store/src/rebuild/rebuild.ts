import { DomainError, type ReadModelVersion } from '@parley/event-sourcing';
import type pg from 'pg';
import { addAuditEvent } from '../audit/audit-events.js';
import { type Queryable, readHead } from '../log/log-reader.js';
import { newest, versionOf } from '../rows/active-schema.js';
import { type TableComparison } from '../rows/rebuild-check.js';
import { alone, inTransaction } from './admin-session.js';
import { fill, type Target } from './fill.js';
import { isAcceptable, type RebuildPlace, type RebuildRequest } from './rebuild-request.js';
import { addSchema, dropSchema, listSchemas, type RegisteredSchema } from './schema-registry.js';
import { switchTo } from './switch.js';
import { firstUnequal, verifyAll, type Verified, verifySince } from './verify.js';

/** What came of it; `tables` is the comparison of all rows, or of the first ones that differ. */
export interface RebuildResult {
  readonly from: Pick<RegisteredSchema, 'name' | 'version'>;
  readonly to: Pick<RegisteredSchema, 'name' | 'version'>;
  readonly isSwitched: boolean;
  /** Events that were applied here, and the time that took; what an earlier, interrupted try had done is not in it. */
  readonly events: number;
  readonly seconds: number;
  /** How long writers were kept waiting for the switch. */
  readonly lockedMs: number;
  readonly tables: readonly TableComparison[];
}

/** With this much left to apply and to compare, the log is locked for well under a second. */
const CLOSE = 1000;
const ROUNDS = 30;

/**
 * Builds the newest version of the read models from the log, beside the live ones and while they are written and read;
 * compares both; and has the new ones served, the former ones being kept. Goes on where an earlier try was interrupted.
 * Where they differ nothing is switched, unless the request says why it is to be. Throws `UnknownEventError` where the
 * log is ahead of this code, `DomainError` `rebuild/under-way` and `rebuild/behind`.
 */
export function rebuildReadModels(
  place: RebuildPlace,
  request: RebuildRequest,
): Promise<RebuildResult> {
  return alone(place.adminUrl, async (client) => {
    const version = newest(place.versions);
    const schemas = await listSchemas(client);
    const begun = schemas.find((s) => s.state === 'building' && s.version === version.version);
    const schema = begun ?? (await begin(client, version, schemas));
    return bringUp(place, request, { schema, action: 'read-models.rebuild' });
  });
}

/**
 * Brings the read models that were served before up to the log, compares as a rebuild does, and has them served again.
 * Throws `DomainError` `rebuild/nothing-kept`.
 */
export function rollBackReadModels(
  place: RebuildPlace,
  request: RebuildRequest,
): Promise<RebuildResult> {
  return alone(place.adminUrl, async (client) => {
    const schema = (await listSchemas(client)).find(({ state }) => state === 'retired');
    if (!schema)
      throw new DomainError('rebuild/nothing-kept', 'no former read models are kept here');
    return bringUp(place, request, { schema, action: 'read-models.roll-back' });
  });
}

/** Drops every schema that is not served, unfinished ones too; answers their names. */
export function dropOldReadModels(
  place: RebuildPlace,
  { actor }: RebuildRequest,
): Promise<string[]> {
  return alone(place.adminUrl, async (client) => {
    const old = (await listSchemas(client)).filter(({ state }) => state !== 'active');
    for (const { name } of old) {
      const event = { actor, action: 'read-models.drop', subject: name, details: {} };
      await inTransaction(client, async () => {
        await dropSchema(client, name);
        await addAuditEvent(client, event);
      });
    }
    return old.map(({ name }) => name);
  });
}

/**
 * Whether this code knows a newer version of the read models than the database serves, and it was never served there:
 * one that was rolled back is not taken up again unasked.
 */
export async function isUpgradeDue(
  db: Queryable,
  versions: readonly ReadModelVersion[],
): Promise<boolean> {
  const { version } = newest(versions);
  const schemas = await listSchemas(db);
  return schemas.every((schema) => schema.version < version || schema.state === 'building');
}

function begin(
  client: pg.Client,
  version: ReadModelVersion,
  existing: readonly RegisteredSchema[],
): Promise<RegisteredSchema> {
  return inTransaction(client, () => addSchema(client, version, existing));
}

/** A schema that is to be served, and the word for that in the audit. */
interface Candidate {
  readonly schema: RegisteredSchema;
  readonly action: string;
}

async function bringUp(
  place: RebuildPlace,
  request: RebuildRequest,
  { schema, action }: Candidate,
): Promise<RebuildResult> {
  const { pool, versions } = place;
  const target = { name: schema.name, version: versionOf(versions, schema) };
  const start = performance.now();
  const filledTo = await fill(pool, target, request.signal);
  const seconds = (performance.now() - start) / 1000;
  const from = (await listSchemas(pool)).find(({ state }) => state === 'active') ?? schema;
  const about = { from, to: schema, events: filledTo - schema.builtTo, seconds };
  const verified = await verify(place, target, request);
  if (!isAcceptable(verified.tables, request))
    return { ...about, isSwitched: false, lockedMs: 0, tables: verified.tables };
  const { name, ...switched } = await switchTo(place, request, { target, action, verified });
  return { ...about, ...switched, to: { ...schema, name } };
}

/** Everything once, and then what has changed meanwhile, until little is left. */
async function verify(
  { pool, versions }: RebuildPlace,
  target: Target,
  request: RebuildRequest,
): Promise<Verified> {
  let found = await verifyAll(pool, target, versions);
  for (let round = 0; round < ROUNDS; round += 1) {
    if (!isAcceptable(found.tables, request)) return found;
    await fill(pool, target, request.signal);
    if ((await readHead(pool)) - found.position <= CLOSE) return found;
    const later = await verifySince(pool, target, { versions, since: found.position });
    found = { ...later, tables: firstUnequal(found.tables, later.tables) };
  }
  throw new DomainError(
    'rebuild/behind',
    'more is written than can be compared: try again at a quieter time',
  );
}
