import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@parley/event-sourcing';
import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0);

const schema = z.object({
  format: z.literal('parley-tenant'),
  format_version: z.literal(1),
  exported_at: z.iso.datetime(),
  /** The newest migration that the release knew. */
  schema: z.string(),
  tenant: z.object({ id: z.string(), name: z.string() }),
  log: z.object({ id: z.guid(), epoch: count, head: count, hash: sha256 }),
  read_models: z.object({
    version: count,
    tables: z.array(z.object({ table: z.string(), rows: count, checksum: sha256 })),
  }),
  files: z.array(
    z.object({
      table: z.string(),
      columns: z.array(z.string()),
      rows: count,
      bytes: count,
      sha256,
    }),
  ),
});

/** What an export holds, and what it has to be found to be. */
export type Manifest = z.output<typeof schema>;

/** A file of an export: the rows of one table. */
export type ExportedFile = Manifest['files'][number];

const NAME = 'manifest.json';

/** The name of the file with the rows of a table. */
export function fileOf({ table }: Pick<ExportedFile, 'table'>): string {
  return `${table}.jsonl`;
}

/** Writes the manifest, with which a directory becomes an export; answers its SHA-256. */
export async function writeManifest(directory: string, manifest: Manifest): Promise<string> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFile(join(directory, NAME), text, { flag: 'wx', mode: 0o600, flush: true });
  return digest(text);
}

/** Reads the manifest of an export. Throws `DomainError` `export/unreadable` or `export/unknown-format`. */
export async function readManifest(
  directory: string,
): Promise<{ readonly manifest: Manifest; readonly sha256: string }> {
  const text = await readFile(join(directory, NAME), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      throw unreadable(`${NAME} can’t be read (${error.code ?? error.message})`);
    },
  );
  const parsed = schema.safeParse(parse(text));
  if (parsed.success) return { manifest: parsed.data, sha256: digest(text) };
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') ?? '';
  if (place === 'format_version')
    throw new DomainError(
      'export/unknown-format',
      'this release does not know the export’s format',
    );
  throw unreadable(`${NAME} is none${place ? `: ${place} does not fit` : ''}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(`${NAME} is not JSON`);
  }
}

function unreadable(what: string): DomainError {
  return new DomainError('export/unreadable', `this is no whole export: ${what}`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
