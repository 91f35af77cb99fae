/** A fact, past tense, never changed. `type` names it; `data` is what the sender and the rules said of it. */
export interface Event<Type extends string = string, Data extends object = object> {
  readonly type: Type;
  readonly data: Data;
}

/** A request to record something; it may be refused or change nothing. */
export interface Command<Type extends string = string, Data extends object = object> {
  readonly type: Type;
  readonly data: Data;
}

/**
 * An event with its place in the log.
 *
 * `position` counts 1, 2, 3 … over the whole log of a tenant, `streamVersion` 1, 2, 3 … within one stream.
 * `recordedAt` is in microseconds since 1970 and grows strictly with `position`.
 * `occurredAt` is in microseconds since 1970, as a bigint because senders may name years up to 9999.
 */
export interface Recorded<E extends Event = Event> {
  readonly position: number;
  readonly streamId: string;
  readonly streamVersion: number;
  readonly occurredAt: bigint;
  readonly recordedAt: number;
  readonly event: E;
}
