import { hash as digest } from 'node:crypto';
import { BinaryWriter } from '../copy/binary-writer.js';

/** What is apart from the header and can be erased. `body` and `source` are JSON, as text or as its UTF-8 bytes. */
export interface Payload {
  readonly subject: string;
  readonly salt: Uint8Array;
  readonly body: string | Uint8Array;
  readonly contentHash: string | null;
  readonly source: string | Uint8Array;
}

/** The row of `conversation_events`, all but its hash. Digests are lower-case hex: Node makes strings faster than bytes. */
export interface Header {
  readonly position: number;
  readonly streamId: string;
  readonly streamVersion: number;
  readonly type: string;
  readonly occurredAt: bigint;
  readonly recordedAt: number;
  readonly payloadDigest: string;
}

/** Writes the columns of `event_payloads` after `position`; answers SHA-256 of the bytes written. */
export function writePayload(writer: BinaryWriter, payload: Payload): string {
  const start = writer.length;
  writer.uuid(payload.subject);
  writer.bytes(payload.salt);
  writeUtf8(writer, payload.body);
  if (payload.contentHash === null) writer.null();
  else writer.sha256(payload.contentHash);
  writeUtf8(writer, payload.source);
  return sha256(writer.since(start));
}

const link = new BinaryWriter();
const LENGTH_BYTES = 4;

/** Writes the columns of `conversation_events`, its hash included, which it answers. */
export function writeHeader(writer: BinaryWriter, header: Header, previousHash: string): string {
  link.clear();
  link.sha256(previousHash);
  const start = link.length;
  link.bigint(header.position);
  link.uuid(header.streamId);
  link.integer(header.streamVersion);
  link.text(header.type);
  link.timestamp(header.occurredAt);
  link.timestamp(header.recordedAt);
  link.sha256(header.payloadDigest);
  const hash = sha256(link.since(LENGTH_BYTES));
  writer.raw(link.since(start));
  writer.sha256(hash);
  return hash;
}

/** What the first event of a log is chained to. */
export function chainStart(logId: string): string {
  link.clear();
  link.uuid(logId);
  return sha256(link.since(LENGTH_BYTES));
}

function writeUtf8(writer: BinaryWriter, value: string | Uint8Array): void {
  if (typeof value === 'string') writer.text(value);
  else writer.bytes(value);
}

function sha256(bytes: Uint8Array): string {
  return digest('sha256', bytes, 'hex');
}
