/** What is published: `key` decides the partition (murmur2, as Kafka's default), equal keys keep their order. */
export interface BusRecord {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** At most `MAX_RECORD_BYTES` bytes; `RecordTooLargeError` otherwise. */
  readonly value: Buffer;
}

/** A record as consumed. Other programs may have produced it: key and value can be missing, headers be any bytes. */
export interface DeliveredRecord {
  /**
   * Why a batch of records can't be read (an unknown codec, damaged bytes, too large an expansion), without any of its
   * content. The record then stands for all of the batch: `offset` is the batch's last one, `value` its bytes as they
   * came, or null where they are too many.
   */
  readonly undecodable?: string;
  readonly offset: number;
  /** Milliseconds since 1970, by the bus. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  /** Text, or bytes that are not UTF-8. */
  readonly headers: Readonly<Record<string, string | Buffer | undefined>>;
  readonly value: Buffer | null;
}

/**
 * Where records came from. With the offset these are the coordinates that make redelivery harmless: a topic that is
 * created anew under an old name has another `incarnation`, so its offsets are never mistaken for the old ones.
 */
export interface Source {
  readonly bus: string;
  readonly incarnation: number;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/** Consecutive deliveries of one partition, in order of their offsets (which may have gaps). */
export interface Chunk {
  readonly source: Source;
  /** The offset that the next record published to the partition would get, as far as the bus knows. */
  readonly highWater: number;
  readonly records: readonly DeliveredRecord[];
}

/**
 * Handles one chunk. Answering means that every record is dealt with: the bus may forget them. Throwing means "try
 * again": the same chunk comes back after a backoff with jitter, other partitions go on, and after `maxAttempts` the
 * consumption fails. Never throw for reasons of data. `signal` fires when the consumption stops.
 */
export type ChunkHandler = (chunk: Chunk, signal: AbortSignal) => Promise<void>;

/** What to consume; one member of a consumer group. */
export interface ConsumeOptions {
  readonly group: string;
  /** May be empty, and changed later by `subscribe`. */
  readonly topics: readonly string[];
  /** Records in a chunk, at most; default 500. */
  readonly maxRecords?: number;
  /** Bytes of values in a chunk, at most (one record may exceed it); default 4 MiB. */
  readonly maxBytes?: number;
  /** Tries of one chunk before the consumption fails; default 8, `Infinity` for a handler that throws only what passes. */
  readonly maxAttempts?: number;
  readonly handler: ChunkHandler;
}

/** Records that the bus's retention took before the group was handed them: offsets from `from` to just below `to`. */
export interface LostRecords {
  readonly source: Source;
  readonly from: number;
  readonly to: number;
}

/** A running consumption. */
export interface Consumption {
  /**
   * Consumes these topics from now on, whatever it consumed before. The chunk under way of a topic that is left out is
   * waited for, as by `stop`; partitions of the others go on where they are. Rejects, and changes nothing, where a
   * topic is unknown or the bus is away.
   */
  subscribe(topics: readonly string[]): Promise<void>;
  /** Takes no more, waits for the chunks under way, hands the partitions back. Safe to call twice. */
  stop(): Promise<void>;
  /** Resolves with the reason when the consumption has died; a process must then end with a non-zero code. */
  readonly failed: Promise<Error>;
}

/** A topic and how it is to be made. */
export interface TopicOptions {
  readonly topic: string;
  readonly partitions: number;
  /** Settings of a topic of Kafka by their names there, such as `compression.type`; the embedded bus has none. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Both ends of a partition. */
export interface PartitionEnd {
  readonly partition: number;
  /** The offset that the next record published to it would get. */
  readonly highWater: number;
  /** The lowest offset that is still kept; those below are gone with the bus's retention. */
  readonly logStart: number;
}

/** Part of a partition: the offsets from `from` to just below `to`. */
export interface RecordRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  /** Whether to wait at the end of the partition for what is published next, instead of ending there; default no. */
  readonly isFollowed?: boolean;
  /** Bytes of values at a time (one record may exceed it); default 4 MiB. */
  readonly maxBytes?: number;
}

/** Where a group is on a partition, and where it is to go on. */
export interface GroupMove {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly at: number;
  readonly to: number;
}

/**
 * The message bus: Apache Kafka or the embedded one, with no difference in behaviour.
 * Delivery is at least once and in order per key; a consumer keeps its own applied offsets beside its effects.
 */
export interface Bus {
  /** Names this bus for ever: Kafka's cluster id, or an id made with the embedded bus. */
  readonly id: string;
  /** Makes the topic where it is missing, raising its incarnation; only Parley makes topics. */
  ensureTopic(options: TopicOptions): Promise<void>;
  /** Raised by each creation of the topic, from 1; throws for a topic that Parley did not make. */
  incarnation(topic: string): Promise<number>;
  ends(topic: string): Promise<readonly PartitionEnd[]>;
  /**
   * How far a group is, by partition: what is below was dealt with, and so may be some of what is not. Partitions of
   * which the group has dealt with nothing are left out.
   */
  committed(group: string, topic: string): Promise<ReadonlyMap<number, number>>;
  /**
   * Lets a group go on elsewhere on a partition than where it is (`committed`, or the beginning). For what no consumer
   * gets past: whatever lies between is never delivered. Rejects with `GroupMoveError` while a member of it runs.
   */
  moveGroup(move: GroupMove): Promise<void>;
  /**
   * Resolves when every record is durable; then, and only then, may anyone be told so. Rejects with
   * `BusUnavailableError` within 5 s when the bus is away: the records may or may not be there.
   */
  publish(topic: string, records: readonly BusRecord[]): Promise<void>;
  consume(options: ConsumeOptions): Promise<Consumption>;
  /**
   * Reads a range once more, in order, beside all groups; at most 500 records or `maxBytes` at a time. Resolves at
   * the end of the range, or, unless it is followed, of the partition as it was at the call. Rejects with what the
   * handler throws, and with the reason of `signal`.
   */
  readRange(
    range: RecordRange,
    handler: (records: readonly DeliveredRecord[]) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void>;
  /**
   * For how many milliseconds the consumptions of this process have given no sign of life: the longest of them, 0
   * without any. An outage of the bus is no silence, they go on trying; a minute of it means that one of them hangs.
   */
  silentForMs(): number;
  /** Rejects when the bus can't be reached now. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** The bus can't be reached or did not answer in time. */
export class BusUnavailableError extends Error {
  override readonly name = 'BusUnavailableError';
  readonly code = 'bus/unavailable';
}

/** The bus knows us not, or lets us not do this: another try will not help. */
export class BusAccessDeniedError extends Error {
  override readonly name = 'BusAccessDeniedError';
  readonly code = 'bus/access-denied';
}

/** A group is consuming, or is not where it was thought to be: it was not moved. */
export class GroupMoveError extends Error {
  override readonly name = 'GroupMoveError';
  readonly code = 'bus/group-not-moved';
}

/** A record is larger than the bus takes; nothing of the call was published. */
export class RecordTooLargeError extends Error {
  override readonly name = 'RecordTooLargeError';
  readonly code = 'bus/record-too-large';
}
