import { type CustomTypesConfig } from 'pg';
import { type Queryable } from '../log/log-reader.js';
import { prepared } from './prepared.js';

/** Columns as PostgreSQL's text, in the order of the select list. */
export type TextRow = readonly (string | null)[];

interface Read {
  readonly sql: string;
  readonly values: readonly unknown[];
  readonly columns: number;
  readonly resolve: (rows: readonly TextRow[]) => void;
  readonly reject: (error: Error) => void;
}

// The text as PostgreSQL sends it: pg would make Dates of times, which hold no microseconds.
const RAW = { getTypeParser: () => (value: string) => value } as unknown as CustomTypesConfig;

/** Rows as text. */
export async function readTexts(
  db: Queryable,
  statement: { readonly text: string; readonly name?: string },
  values: readonly unknown[],
): Promise<TextRow[]> {
  const query = { ...statement, values: [...values], rowMode: 'array' as const, types: RAW };
  return (await db.query<(string | null)[]>(query)).rows;
}

/** Reads that are asked for in one go share one statement, so one round trip. Each answers its rows in no order. */
export class BatchedReads {
  private asked: Read[] = [];

  constructor(private readonly db: Queryable) {}

  /** The rows of a SELECT of so many columns. */
  read(sql: string, values: readonly unknown[], columns: number): Promise<readonly TextRow[]> {
    return new Promise((resolve, reject) => {
      if (this.asked.length === 0) queueMicrotask(() => void this.send());
      this.asked.push({ sql, values, columns, resolve, reject });
    });
  }

  private async send(): Promise<void> {
    const reads = this.asked;
    this.asked = [];
    try {
      const rows = await readTexts(
        this.db,
        prepared(unionOf(reads)),
        reads.flatMap(({ values }) => values),
      );
      const answers = Map.groupBy(rows, (row) => Number(row[0]));
      reads.forEach(({ resolve }, index) => {
        resolve((answers.get(index) ?? []).map((row) => row.slice(1)));
      });
    } catch (error) {
      for (const { reject } of reads) reject(error as Error);
    }
  }
}

/** All reads as one: each row begins with the number of its read and is filled up with nulls. */
function unionOf(reads: readonly Read[]): string {
  const width = Math.max(...reads.map(({ columns }) => columns));
  let before = 0;
  const branches = reads.map(({ sql, values, columns }, index) => {
    const names = Array.from({ length: columns }, (_, n) => `c${n}`);
    const list = Array.from({ length: width }, (_, n) => (n < columns ? `c${n}::text` : 'NULL'));
    const first = before;
    before += values.length;
    const renumbered = sql.replaceAll(/\$(\d+)/g, (_, n: string) => `$${Number(n) + first}`);
    return `SELECT ${index}, ${list.join(', ')} FROM (${renumbered}) AS r (${names.join(', ')})`;
  });
  return branches.join(' UNION ALL ');
}
