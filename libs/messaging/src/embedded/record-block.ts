import { type DeliveredRecord } from '../bus.js';
import { decodeHeaders, encodeHeaders } from './header-codec.js';

/** Records of one partition that have just become durable. */
export interface FreshRecords {
  readonly topicId: number;
  readonly partition: number;
  /** Offset of the first of them; the others follow without a gap. */
  readonly first: number;
  readonly highWater: number;
  /** As a consumer would read them from the table. */
  read(): DeliveredRecord[];
}

/** What the database answers for each slot, in order of the slots. */
export interface WrittenSlot {
  readonly first: string;
  readonly published_ms: string;
}

interface Place {
  readonly start: number;
  readonly key: number;
  readonly headers: number;
  readonly value: number;
}

interface Slot {
  readonly number: number;
  readonly topicId: number;
  readonly partition: number;
  readonly places: Place[];
}

/** Records to be written together: their bytes in one run, and by partition ("slot") where in it each of them is. */
export class RecordBlock {
  private readonly slots = new Map<string, Slot>();
  private readonly parts: Buffer[] = [];
  private size = 0;
  private bytes?: Buffer;

  add(topicId: number, partition: number, record: RecordToWrite): void {
    const headers = encodeHeaders(record.headers);
    const { key, value } = record;
    const lengths = { key: key.length, headers: headers.length, value: value.length };
    this.slotOf(topicId, partition).places.push({ start: this.size, ...lengths });
    this.parts.push(key, headers, value);
    this.size += key.length + headers.length + value.length;
  }

  /** Three columns with a row for each slot, six with a row for each record, and the bytes. */
  parameters(): unknown[] {
    const slots = [...this.slots.values()];
    const rows = slots.flatMap(({ number, places }) =>
      places.map(({ start, key, headers, value }, nth) => [
        ...[number, nth, start + 1, key, headers, value],
      ]),
    );
    const columns = [
      slots.map(({ topicId }) => topicId),
      slots.map(({ partition }) => partition),
      slots.map(({ places }) => places.length),
      ...[0, 1, 2, 3, 4, 5].map((column) => rows.map((row) => row[column])),
    ];
    this.bytes = Buffer.concat(this.parts);
    return [...columns.map((column) => `{${column.join()}}`), this.bytes];
  }

  written(answers: readonly WrittenSlot[]): FreshRecords[] {
    return [...this.slots.values()].map(({ topicId, partition, places }, index) => {
      const { first: text, published_ms } = answers[index]!;
      const first = Number(text);
      const read = () => places.map((place, nth) => this.read(place, first + nth, published_ms));
      return { topicId, partition, first, highWater: first + places.length, read };
    });
  }

  private read(place: Place, offset: number, publishedMs: string): DeliveredRecord {
    const bytes = this.bytes!;
    const headersAt = place.start + place.key;
    const valueAt = headersAt + place.headers;
    return {
      offset,
      timestamp: Number(publishedMs),
      key: bytes.subarray(place.start, headersAt),
      headers: decodeHeaders(bytes.subarray(headersAt, valueAt)),
      value: bytes.subarray(valueAt, valueAt + place.value),
    };
  }

  private slotOf(topicId: number, partition: number): Slot {
    const name = `${topicId}/${partition}`;
    let slot = this.slots.get(name);
    if (!slot) {
      slot = { number: this.slots.size + 1, topicId, partition, places: [] };
      this.slots.set(name, slot);
    }
    return slot;
  }
}

/** A record whose key is bytes already. */
export interface RecordToWrite {
  readonly key: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
}
