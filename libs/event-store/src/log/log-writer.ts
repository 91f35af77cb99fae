import { randomFillSync } from 'node:crypto';
import { type ClientBase } from 'pg';
import { type Event, type Recorded } from '@parley/event-sourcing';
import { type JsonObject } from '@parley/contracts';
import { type Copy, copyOf } from '../copy/copy-table.js';
import { writeHeader, writePayload } from './hash-chain.js';
import { type Head } from './head.js';

/** An event to be appended. `contentHash` is hex; `subject` a uuid: whose data the payload is; `source` holds no content. */
export interface NewEvent<E extends Event = Event> {
  readonly streamId: string;
  readonly streamVersion: number;
  readonly event: E;
  readonly occurredAt: bigint;
  readonly contentHash: string | null;
  readonly subject: string;
  readonly source: JsonObject;
}

interface Staged {
  readonly recorded: Recorded;
  readonly contentHash: string | null;
  readonly subject: string;
  readonly source: JsonObject;
}

const PAYLOAD_COLUMNS = ['position', 'subject', 'salt', 'body', 'content_hash', 'source'];
const EVENT_COLUMNS = [
  'position',
  'stream_id',
  'stream_version',
  'type',
  'occurred_at',
  'recorded_at',
  'payload_digest',
  'hash',
];
const SALT_BYTES = 16;
// A partition is made long before the log comes to its first position.
const PARTITION_MARGIN = 100_000;

/** Gives events their places and turns them into the two COPYs of the log. */
export class LogWriter {
  private readonly staged: Staged[] = [];
  private recordedAt: number;

  constructor(private readonly head: Head) {
    this.recordedAt = head.now - 1;
  }

  get lastPosition(): number {
    return this.head.position + this.staged.length;
  }

  stage<E extends Event>(e: NewEvent<E>): Recorded<E> {
    const recorded = {
      position: this.lastPosition + 1,
      streamId: e.streamId,
      streamVersion: e.streamVersion,
      occurredAt: e.occurredAt,
      recordedAt: ++this.recordedAt,
      event: e.event,
    };
    const { contentHash, subject, source } = e;
    this.staged.push({ recorded, contentHash, subject, source });
    return recorded;
  }

  /** Makes the partitions that the staged events need. Answers the position up to which there are partitions. */
  async extend(client: ClientBase, covered: number): Promise<number> {
    const wanted = this.lastPosition + PARTITION_MARGIN;
    if (this.staged.length === 0 || wanted <= covered) return covered;
    const { rows } = await client.query<{ covered: string }>(
      'SELECT extend_payloads($1) AS covered',
      [wanted],
    );
    return Number(rows[0]?.covered);
  }

  /** Payloads first: their digests go into the headers. */
  copies(): Copy[] {
    if (this.staged.length === 0) return [];
    const salts = randomFillSync(Buffer.allocUnsafe(SALT_BYTES * this.staged.length));
    const digests: string[] = [];
    let previous = this.head.hash;
    const payloads = copyOf('event_payloads', PAYLOAD_COLUMNS, this.staged, (writer, s) => {
      const at = digests.length * SALT_BYTES;
      writer.bigint(s.recorded.position);
      const payload = {
        subject: s.subject,
        salt: salts.subarray(at, at + SALT_BYTES),
        body: JSON.stringify(s.recorded.event.data),
        contentHash: s.contentHash,
        source: JSON.stringify(s.source),
      };
      digests.push(writePayload(writer, payload));
    });
    const events = copyOf('conversation_events', EVENT_COLUMNS, this.staged, (writer, s) => {
      const place = s.recorded.position - this.head.position - 1;
      const header = { ...s.recorded, type: s.recorded.event.type, payloadDigest: digests[place]! };
      previous = writeHeader(writer, header, previous);
    });
    return [payloads, events];
  }
}
