import { type ActiveSchema, type RowsQuery, SEARCH_SCHEMA } from '@parley/event-store';
import { type SearchCondition } from '@parley/search';
import { AS_OF, HEADER } from './header-columns.js';

// Values of a list: 1 to 6 the filters, 7 and 8 where it goes on, 9 how many.
const page = ({ name }: ActiveSchema, narrowed = ''): string => `
  SELECT ${HEADER}, c.stream_id, c.message_count,
    to_char(c.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS started_at
  FROM ${name}.conversations c
  WHERE ($1::text IS NULL OR c.agent_id = $1)
    AND ($2::text IS NULL OR c.conversation_id = $2)
    AND ($3::text IS NULL OR starts_with(c.conversation_id, $3))
    AND ($4::text IS NULL OR c.stream_id IN
      (SELECT m.stream_id FROM ${name}.messages m WHERE m.sender_id = $4))
    AND ($5::timestamptz IS NULL OR c.started_at >= $5)
    AND ($6::timestamptz IS NULL OR c.started_at < $6)
    AND ($7::timestamptz IS NULL OR (c.started_at, c.stream_id) < ($7, $8::uuid))
    ${narrowed}
  ORDER BY c.started_at DESC, c.stream_id DESC
  LIMIT $9`;

/** The number of the first value that a condition of a search has. */
export const SEARCH_VALUES_FROM = 10;

/** A page of all conversations that the filters let through. */
export const LIST: RowsQuery = (schema) => `
SELECT p.as_of_position, page.* FROM ${AS_OF}
LEFT JOIN LATERAL (${page(schema)}) page ON true`;

/** A page of those that also hold a text that fits, with the first message that does, else the header. */
export function searchedList(condition: SearchCondition): RowsQuery {
  const fitting = `SELECT t.stream_id FROM ${SEARCH_SCHEMA}.texts t WHERE ${condition.sql}`;
  const excerpt = condition.excerpt(`m.fields->>'content'`);
  return (schema) => `
SELECT p.as_of_position, f.search_as_of_position, page.*, hit.* FROM ${AS_OF}
CROSS JOIN (SELECT position::float8 AS search_as_of_position
  FROM log_followers WHERE name = '${SEARCH_SCHEMA}') f
LEFT JOIN LATERAL (${page(schema, `AND c.stream_id IN (${fitting})`)}) page ON true
LEFT JOIN LATERAL (
  SELECT nullif(t.message_id, '') AS match_message_id, ${excerpt} AS match_excerpt
  FROM (SELECT t.* FROM ${SEARCH_SCHEMA}.texts t WHERE t.stream_id = page.stream_id AND ${condition.sql}
    ORDER BY t.message_id = '', t.position LIMIT 1) t
  LEFT JOIN ${schema.name}.messages m ON (m.stream_id, m.message_id) = (t.stream_id, t.message_id)
) hit ON true`;
}
