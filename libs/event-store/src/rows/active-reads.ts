import { type ReadModelVersion } from '@parley/event-sourcing';
import { type Pool, type QueryResultRow } from 'pg';
import { type ActiveSchema, isKnown, readActiveSchema, versionOf } from './active-schema.js';

/** A SELECT over the read models in a schema; its columns have names of their own. */
export type RowsQuery = (schema: ActiveSchema) => string;

interface Found {
  readonly active_name: string;
  readonly active_version: number;
  readonly is_found: true | null;
}

const OURS = new Set<string>([
  'active_name',
  'active_version',
  'is_found',
] satisfies (keyof Found)[]);

// Undefined table or schema: it was retired or dropped since we last looked.
const GONE = new Set(['42P01', '3F000']);

/**
 * Reads the read models that are served, whichever schema that is: a statement that reads a schema also answers, of
 * the same snapshot, whether it is the one, so that no read ever sees one that is not written any more.
 */
export class ActiveReads {
  private readonly seen = new Map<Pool, ActiveSchema>();

  /** `versions` are those that the queries handed in understand. */
  constructor(private readonly versions: readonly ReadModelVersion[]) {}

  /**
   * The rows of one statement. Throws `UnknownReadModelsError` where the database is ahead of this code.
   *
   * @example reads.query(pool, ({ name }) => `SELECT m.fields FROM ${name}.messages m WHERE m.stream_id = $1`, [id])
   */
  async query<Row extends QueryResultRow>(
    pool: Pool,
    query: RowsQuery,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    for (;;) {
      const schema = await this.schemaOf(pool);
      const rows = await this.rowsIn<Row>(pool, query, { schema, values });
      if (rows) return rows;
    }
  }

  /**
   * For readiness: throws where every database that was read last time served read models that this code does not know,
   * and still does. One that is ahead alone is refused its own requests only.
   */
  async check(): Promise<void> {
    const seen = [...this.seen];
    if (seen.length === 0 || seen.some(([, schema]) => isKnown(this.versions, schema))) return;
    const [first, ...others] = await Promise.all(seen.map(([pool]) => this.look(pool)));
    if (first && !others.some((schema) => isKnown(this.versions, schema)))
      versionOf(this.versions, first);
  }

  /** Null where that schema is not the one that is served, which is remembered for the next try. */
  private async rowsIn<Row extends QueryResultRow>(
    pool: Pool,
    query: RowsQuery,
    { schema, values }: { readonly schema: ActiveSchema; readonly values: readonly unknown[] },
  ): Promise<Row[] | null> {
    try {
      const found = await pool.query<Found & Row>(statement(query, schema), [...values]);
      const served = found.rows[0];
      if (served?.active_name === schema.name) return found.rows.filter(isFound).map(bare);
      if (!served) throw new Error('no read models are served in this database');
      this.seen.set(pool, { name: served.active_name, version: served.active_version });
      return null;
    } catch (error) {
      if (!GONE.has(String((error as { code?: unknown }).code))) throw error;
      const { name } = await this.look(pool);
      if (name === schema.name) throw error;
      return null;
    }
  }

  private async schemaOf(pool: Pool): Promise<ActiveSchema> {
    const seen = this.seen.get(pool);
    if (seen && isKnown(this.versions, seen)) return seen;
    const schema = await this.look(pool);
    versionOf(this.versions, schema);
    return schema;
  }

  private async look(pool: Pool): Promise<ActiveSchema> {
    const schema = await readActiveSchema(pool);
    this.seen.set(pool, schema);
    return schema;
  }
}

// The outer join answers which schema is served also where there is no row, or where it is another one.
function statement(query: RowsQuery, schema: ActiveSchema): string {
  return `SELECT a.name AS active_name, a.version AS active_version, q.* FROM read_model_schemas a
    LEFT JOIN LATERAL (SELECT true AS is_found, r.* FROM (${query(schema)}) r) q ON a.name = '${schema.name}'
    WHERE a.state = 'active'`;
}

function isFound({ is_found }: Found): boolean {
  return is_found === true;
}

function bare<Row extends QueryResultRow>(found: Found & Row): Row {
  return Object.fromEntries(Object.entries(found).filter(([name]) => !OURS.has(name))) as Row;
}
