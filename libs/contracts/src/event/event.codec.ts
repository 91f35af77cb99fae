import { type JsonObject } from '../json.js';
import { accepted, type Decoded, problem, refused } from '../record/decoded.js';
import { checkerOf } from '../record/record-checker.js';
import { schemaOf } from '../record/record-rules.js';
import { headerTexts, type SentHeaders } from '../record/header-texts.js';
import { decodeUtf8 } from '../record/text.js';
import { formatTimestamp, parseTimestamp } from '../record/timestamp.js';
import { MAX_RECORD_BYTES } from '../topics.js';
import { EventHeaders } from './event.record.js';

/** Where an event stands in the logs of a tenant: a restored log goes on under a higher epoch, from an earlier position. */
export interface LogPlace {
  readonly log_epoch: number;
  readonly position: number;
}

/**
 * An event of the log on its way to other services. Times are microseconds since 1970. `body` is its data as JSON in
 * UTF-8, as the log holds it; null where that was erased.
 */
export interface PublishedEvent extends LogPlace {
  readonly tenant: string;
  readonly event_id: string;
  readonly stream_id: string;
  readonly stream_version: number;
  readonly type: string;
  readonly occurred_at: bigint;
  readonly recorded_at: bigint;
  readonly body: Uint8Array | null;
}

/** An event as received: `data` is null where it was erased, or is to be had from `dataref` alone. */
export interface ReceivedEvent extends Omit<PublishedEvent, 'body'> {
  readonly data: JsonObject | null;
  readonly dataref: string | null;
}

/** An event as the bus takes it. */
export interface EncodedEvent {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
}

/** A record of the events' topic as the bus delivers it. */
export interface DeliveredEvent {
  readonly headers: SentHeaders;
  readonly value: Uint8Array | null;
}

const SOURCE = '/ingestion';
const NULL = Buffer.from('null');
const HEADER_NAMES = Object.keys(schemaOf(EventHeaders)['properties'] as JsonObject);
const COUNT = /^[1-9]\d{0,15}$/;

const checkHeaders = checkerOf(EventHeaders);

/**
 * Writes an event as a CloudEvent in Kafka's binary content mode, its data as the value. The key is that of its stream:
 * opaque, the same for life, so that the events of a conversation keep their order and no name is left on the bus.
 * Data that the bus does not take is referred to by `ce_dataref` (CloudEvents' claim check), a path of the public API.
 */
export function encodeEvent(event: PublishedEvent): EncodedEvent {
  const { tenant, position, stream_id, body } = event;
  const isTooLarge = body !== null && body.length > MAX_RECORD_BYTES;
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: event.event_id,
    ce_type: event.type,
    ce_source: SOURCE,
    ce_subject: stream_id,
    ce_time: formatTimestamp(event.recorded_at),
    ce_tenant: tenant,
    ce_logepoch: String(event.log_epoch),
    ce_position: String(position),
    ce_streamversion: String(event.stream_version),
    ce_occurredat: formatTimestamp(event.occurred_at),
    'content-type': 'application/json',
  };
  if (isTooLarge) headers['ce_dataref'] = `/api/events?after=${position - 1}&limit=1`;
  const value = body === null || isTooLarge ? NULL : Buffer.from(body);
  return { key: `${tenant}/${stream_id}`, headers, value };
}

/** Reads an event, total: whatever the record holds, it never throws. */
export function decodeEvent(record: DeliveredEvent): Decoded<ReceivedEvent> {
  const texts = headerTexts(record.headers, HEADER_NAMES);
  if (!texts.ok) return texts;
  const problems = checkHeaders(texts.value);
  if (problems.length > 0) return refused(problems);
  const headers = texts.value as unknown as EventHeaders;
  const { ce_logepoch, ce_position, ce_streamversion } = headers;
  if (![ce_logepoch, ce_position, ce_streamversion].every((count) => COUNT.test(count)))
    return refused([problem('wrong_type', ['headers'], 'has a place in the log that is none')]);
  const data = dataOf(record.value);
  return data === undefined
    ? refused([problem('malformed_json', ['value'], 'is no JSON object')])
    : accepted(received(headers, data));
}

function dataOf(value: Uint8Array | null): JsonObject | null | undefined {
  try {
    const data = JSON.parse(decodeUtf8(value ?? NULL) ?? '') as JsonObject | null;
    return typeof data === 'object' && !Array.isArray(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

function received(headers: EventHeaders, data: JsonObject | null): ReceivedEvent {
  return {
    tenant: headers.ce_tenant,
    event_id: headers.ce_id,
    log_epoch: Number(headers.ce_logepoch),
    position: Number(headers.ce_position),
    stream_id: headers.ce_subject,
    stream_version: Number(headers.ce_streamversion),
    type: headers.ce_type,
    occurred_at: parseTimestamp(headers.ce_occurredat)?.micros ?? 0n,
    recorded_at: parseTimestamp(headers.ce_time)?.micros ?? 0n,
    data,
    dataref: headers.ce_dataref ?? null,
  };
}

/**
 * Whether an event is later than the last one that a consumer has dealt with; null for none yet. A relay that was
 * interrupted publishes again: a consumer keeps its last place of each tenant and partition beside its effects, in
 * their transaction, and drops what is not after it.
 */
export function isAfter(place: LogPlace, last: LogPlace | null): boolean {
  if (!last) return true;
  return place.log_epoch === last.log_epoch
    ? place.position > last.position
    : place.log_epoch > last.log_epoch;
}
