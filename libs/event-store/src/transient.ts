const OUTAGES = [
  // No connection, no resources, the server starts, stops or can't reach its disk.
  /^(08|53|58)[0-9A-Z]{3}$|^57P0[0-9]$/,
  // The server is a standby for now; the database takes no connections.
  /^(25006|55000)$/,
  // Not (or not yet) as this code needs it: credentials, database, schema, table, column. That waits for an operator.
  /^(28[0-9P][0-9]{2}|3D000|3F000|42P01|42703)$/,
  // This process is older than the database: its successor will do it.
  /^(read-models\/unknown-version|event\/unknown-type)$/,
  /^(ECONN[A-Z]+|EPIPE|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|ENOTFOUND|EAI_AGAIN)$/,
];
const LOST_RACES = [
  // Serialization, deadlock, lock time-out; the session was ended because we kept silent.
  /^(40001|40P01|55P03|25P0[34])$/,
  /^offset\/fenced$/,
];

/** What pg throws without a code. */
const UNCODED =
  /connection terminated|timeout exceeded when trying to connect|timeout expired|query read timeout|is not queryable/i;

/**
 * Whether a failure of PostgreSQL, or of the way there, may pass by itself: the same work is then worth another try,
 * however often it takes. Anything else is a defect, of the data or of ours, that comes back with every try.
 */
export function isTransient(error: unknown): boolean {
  return isOutage(error) || matches(error, LOST_RACES);
}

/**
 * Whether a failure says that the database is away, or can't be worked with: unlike a lost race, of which a lock that
 * does not come is one, that may last for hours.
 */
export function isOutage(error: unknown): boolean {
  if (matches(error, OUTAGES)) return true;
  const { code, message } = partsOf(error);
  return code === undefined && message !== undefined && UNCODED.test(message);
}

function matches(error: unknown, codes: readonly RegExp[]): boolean {
  const { code } = partsOf(error);
  return code !== undefined && codes.some((pattern) => pattern.test(code));
}

function partsOf(error: unknown): { readonly code?: string; readonly message?: string } {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  };
}
