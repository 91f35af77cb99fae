import { type Queryable } from '@parley/event-store';
import { type HttpProblem, problem } from '../errors/http-problem.js';

/** Raised where the log was restored: positions of before say nothing any more. */
export async function readEpoch(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ log_epoch: number }>('SELECT log_epoch FROM log_identity');
  return rows[0]?.log_epoch ?? 0;
}

/** What is said to who knows positions of a log that was restored since. */
export function restored(epoch: number): HttpProblem {
  return problem(
    409,
    'log_epoch_changed',
    `the log was restored and goes on as epoch ${String(epoch)}: begin again from a position that you trust`,
  );
}
