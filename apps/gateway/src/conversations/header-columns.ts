const seconds = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** When a row became known here and last changed, as they are served. */
export const timesOf = (row: string): readonly [created: string, updated: string] => [
  seconds(`${row}.created_at`),
  seconds(`${row}.updated_at`),
];

const [created, updated] = timesOf('c');

/** What a conversation `c` is served by. */
export const HEADER = `c.conversation_id, c.agent_id, c.header, c.is_api_written, c.has_other_door,
  c.api_position::float8 AS api_position, ${created} AS created_at, ${updated} AS updated_at`;

/** How far the log had got, in the snapshot of the statement. */
export const AS_OF =
  '(SELECT coalesce(max(position), 0)::float8 AS as_of_position FROM conversation_events) p';
