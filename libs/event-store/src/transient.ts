const MAY_PASS = [
  // No connection, no resources, the server starts, stops or can't reach its disk.
  /^(08|53|58)[0-9A-Z]{3}$|^57P0[0-9]$/,
  // A lost race: serialization, deadlock, lock time-out.
  /^(40001|40P01|55P03)$/,
  // The session was ended because we kept silent; the server is a standby for now.
  /^(25P0[34]|25006)$/,
  // Not (or not yet) as this code needs it: credentials, database, schema, table, column. That waits for an operator.
  /^(28[0-9P][0-9]{2}|3D000|3F000|42P01|42703)$/,
  /^(ECONN[A-Z]+|EPIPE|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|ENOTFOUND|EAI_AGAIN)$/,
  /^offset\/fenced$/,
  // This process is older than the database: its successor will do it.
  /^read-models\/unknown-version$/,
];

/** What pg throws without a code. */
const UNCODED =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|is not queryable/i;

/**
 * Whether a failure of PostgreSQL, or of the way there, may pass by itself: the same work is then worth another try,
 * however often it takes. Anything else is a defect, of the data or of ours, that comes back with every try.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return MAY_PASS.some((codes) => codes.test(code));
  return UNCODED.test(error.message);
}
