/** Settings with which a server that loses power forgets, or garbles, what it said yes to; also those of roles and databases. */
const UNSAFE = `
  SELECT name || ' is ' || setting AS unsafe FROM pg_settings
   WHERE (name, setting) IN (('fsync', 'off'), ('full_page_writes', 'off'),
                             ('synchronous_commit', 'off'), ('wal_level', 'minimal'))
  UNION SELECT setting || ' of a role or database'
    FROM pg_db_role_setting, unnest(setconfig) AS setting
   WHERE setting ~* '^synchronous_commit=(off?|f|fa|fal|fals|false|no?|0)$'
   ORDER BY unsafe`;

/** A server may lose what was committed. To its tenants' records it is away until somebody changes that. */
export class ForgetfulServerError extends Error {
  override readonly name = 'ForgetfulServerError';
  /** PostgreSQL's own word for what is not in the state that is needed. */
  readonly code = '55000';
}

/** Throws `ForgetfulServerError`, with all reasons, where the PostgreSQL server may lose what was committed. */
export async function refuseForgetfulServer(
  query: (sql: string) => Promise<readonly { readonly unsafe: string }[]>,
): Promise<void> {
  const rows = await query(UNSAFE);
  if (rows.length === 0) return;
  const reasons = rows.map(({ unsafe }) => unsafe).join(', ');
  throw new ForgetfulServerError(
    `the PostgreSQL server may lose what was committed (${reasons}): change that, or set ALLOW_DATA_LOSS=true for a test`,
  );
}
