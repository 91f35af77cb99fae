import { readModels } from '@parley/domain';
import { rebuildCheck, verifyLog } from '@parley/event-store';
import { type Attempt } from '../load/journal.js';
import { type ProvenTenant } from '../world/world.js';
import { readRecorded } from './recorded.js';
import { judge, type Verdict } from './verdict.js';

/** The verdict on a tenant's log, and what else must be in order. */
export interface Checked extends Verdict {
  /** Dead letters: none of what a load sends is one. */
  readonly dead: number;
  /** Defects of the hash chain. */
  readonly chain: number;
  /** Read models that differ from those rebuilt from the log. */
  readonly stale: number;
}

/** The figures that must be 0 whatever happens to the services. */
export const NEVER: readonly string[] = [
  ...['lost', 'phantom', 'dup', 'ooo', 'dead', 'chain', 'stale', 'stuck'],
];

/** Compares log, read models and dead letters of a tenant with what was sent and answered. */
export async function check(
  { pool }: ProvenTenant,
  attempts: readonly Attempt[],
): Promise<Checked> {
  const verdict = judge(attempts, await readRecorded(pool));
  const { rows } = await pool.query<{ dead: number }>(
    'SELECT count(*)::int AS dead FROM dead_letters',
  );
  const chain = await verifyLog(pool);
  const tables = await rebuildCheck(pool, readModels);
  return {
    ...verdict,
    dead: rows[0]?.dead ?? 0,
    chain: chain.ok ? 0 : 1,
    stale: tables.filter(({ firstDifference }) => firstDifference !== null).length,
  };
}
