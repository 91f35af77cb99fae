import { type Pool } from 'pg';
import { type GroupMove, GroupMoveError } from '../bus.js';
import { LIVE_SESSIONS } from './wake-ups.js';

// The lease is locked, so that nobody takes it up and reads the old offset meanwhile. One without a session, as its
// owner does not listen yet, is held until it runs out.
const MOVE = `
  WITH lease AS (
    SELECT lease_until > clock_timestamp() AND (session IN (${LIVE_SESSIONS})) IS NOT FALSE AS is_held
      FROM bus_leases WHERE group_name = $1 AND topic = $2 FOR UPDATE)
  INSERT INTO bus_offsets AS o (group_name, topic_id, partition, next_offset)
  SELECT $1, topic_id, $3, $5 FROM bus_topic_ids
   WHERE topic = $2 AND NOT coalesce((SELECT is_held FROM lease), false)
  ON CONFLICT (group_name, topic_id, partition) DO UPDATE SET next_offset = excluded.next_offset
    WHERE o.next_offset = $4`;

/** Moves the committed offset of a group that is at `at`; throws `GroupMoveError` while a member of it runs. */
export async function moveGroup(
  pool: Pool,
  { group, topic, partition, at, to }: GroupMove,
): Promise<void> {
  const { rowCount } = await pool.query(MOVE, [group, topic, partition, at, to]);
  if (rowCount !== 1)
    throw new GroupMoveError(`${group} has a running member, or is no longer at ${at}`);
}
