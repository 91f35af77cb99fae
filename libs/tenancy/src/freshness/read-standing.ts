import { isOutage, readStanding, type Standing, withClient } from '@parley/event-store';
import { type Pool } from 'pg';

const ANSWER_WITHIN_MS = 2_000;

/** How far a tenant's database is; null where it is away, or silent for too long. */
export async function standingOf(pool: Pool, bus: string): Promise<Standing | null> {
  const late = new AbortController();
  const silence = Promise.withResolvers<null>();
  const timer = setTimeout(() => {
    late.abort(new Error('the database is silent'));
    silence.resolve(null);
  }, ANSWER_WITHIN_MS);
  const reading = withClient(pool, (client) => readStanding(client, bus), late.signal).catch(
    (error: unknown) => {
      if (late.signal.aborted || isOutage(error)) return null;
      throw error;
    },
  );
  // A connection that does not come is not cut short by the signal.
  return Promise.race([reading, silence.promise]).finally(() => clearTimeout(timer));
}
