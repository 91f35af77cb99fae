import { addAuditEvent } from '../audit/audit-events.js';
import { EventStore } from '../event-store.js';
import { type LogTransaction } from '../log/log-transaction.js';
import { type TableComparison } from '../rows/rebuild-check.js';
import { fillUnderLock, type Target } from './fill.js';
import { isAcceptable, type RebuildPlace, type RebuildRequest } from './rebuild-request.js';
import { compareSince, firstUnequal, isEqual, pairOf, type Verified } from './verify.js';

// Whoever waits in this queue keeps nobody waiting.
const LOCK_WITHIN_MS = 20_000;

/** What is to be switched to, compared up to a position. */
export interface Switch {
  readonly target: Target;
  /** The word for it in the audit. */
  readonly action: string;
  readonly verified: Verified;
}

class Differs extends Error {
  constructor(readonly tables: readonly TableComparison[]) {
    super('the read models differ');
  }
}

/** Applies and compares what is left while nobody writes, and has the schema served. */
export async function switchTo(place: RebuildPlace, request: RebuildRequest, step: Switch) {
  const { target } = step;
  let lockedAt = 0;
  try {
    const store = new EventStore(place.pool, place.versions, { lockTimeoutMs: LOCK_WITHIN_MS });
    const { name, tables } = await store.transact('bulk', async (tx) => {
      lockedAt = performance.now();
      return activate(tx, place, { ...step, request });
    });
    const lockedMs = performance.now() - lockedAt;
    return { name, isSwitched: true, lockedMs, tables };
  } catch (error) {
    if (!(error instanceof Differs)) throw error;
    const lockedMs = performance.now() - lockedAt;
    return { name: target.name, isSwitched: false, lockedMs, tables: error.tables };
  }
}

async function activate(
  { client }: LogTransaction,
  { versions }: RebuildPlace,
  { target, action, verified, request }: Switch & { readonly request: RebuildRequest },
): Promise<{ name: string; tables: readonly TableComparison[] }> {
  await fillUnderLock(client, target);
  const pair = await pairOf(client, target, versions);
  const since = await compareSince(client, pair, verified.position);
  const tables = firstUnequal(verified.tables, since);
  if (!isAcceptable(tables, request)) throw new Differs(tables);
  const { rows } = await client.query<{ name: string }>('SELECT activate_read_models($1) AS name', [
    target.name,
  ]);
  const name = rows[0]?.name ?? target.name;
  const details = {
    former: pair.live.schema,
    ...(isEqual(tables) ? {} : { differences_accepted: request.acceptDifferences ?? '' }),
  };
  await addAuditEvent(client, { actor: request.actor, action, subject: name, details });
  return { name, tables };
}
