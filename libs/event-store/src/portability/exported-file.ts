import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '@parley/event-sourcing';
import { type ExportedFile, fileOf } from './manifest.js';

const READ_BYTES = 1024 * 1024;
const BATCH_BYTES = 4 * READ_BYTES;
const NEWLINE = 0x0a;

/** Writes lines to a file of an export that only its owner may read; answers how much that was. */
export async function writeLines(
  directory: string,
  table: string,
  lines: Readable,
): Promise<Pick<ExportedFile, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* measured(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  const path = join(directory, fileOf({ table }));
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  await pipeline(lines, measured, file);
  return { bytes, sha256: hash.digest('hex') };
}

/** Throws `DomainError` `export/altered` where a file is not, byte for byte, what the manifest says. */
export async function checkFile(directory: string, file: ExportedFile): Promise<void> {
  for await (const chunk of read(directory, file)) void chunk;
}

/**
 * The lines of a file, a few megabytes at a time, each batch as the text of a JSON array. Throws as `checkFile` does, at
 * the latest after the last batch.
 */
export async function* readBatches(
  directory: string,
  file: ExportedFile,
): AsyncGenerator<string, void> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of read(directory, file)) {
    const end = chunk.lastIndexOf(NEWLINE);
    bytes += chunk.length;
    if (bytes < BATCH_BYTES || end < 0) {
      held.push(chunk);
      continue;
    }
    yield arrayOf([...held, chunk.subarray(0, end)]);
    held = [chunk.subarray(end + 1)];
    bytes = chunk.length - end - 1;
  }
  if (bytes > 0) yield arrayOf(held);
}

// Within a line of JSON there is no line feed.
function arrayOf(lines: readonly Buffer[]): string {
  return `[${Buffer.concat(lines).toString('utf8').trimEnd().replaceAll('\n', ',')}]`;
}

async function* read(directory: string, file: ExportedFile): AsyncGenerator<Buffer, void> {
  const hash = createHash('sha256');
  let bytes = 0;
  const stream = createReadStream(join(directory, fileOf(file)), { highWaterMark: READ_BYTES });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw altered(file, 'is missing');
    throw error;
  }
  if (bytes !== file.bytes) throw altered(file, `has ${bytes} bytes, not ${file.bytes}`);
  if (hash.digest('hex') !== file.sha256) throw altered(file, 'has another SHA-256');
}

/** A file of an export is not what its manifest says. */
export function altered(file: Pick<ExportedFile, 'table'>, how: string): DomainError {
  return new DomainError('export/altered', `${fileOf(file)} ${how}: it is not what was exported`);
}
