import { readModels } from '@parley/domain';
import { EventStore } from '@parley/event-store';
import type pg from 'pg';
import { type Acknowledged } from './load.js';

/** What the log says of what was acknowledged. */
export interface Verdict {
  readonly acked: number;
  readonly lost: number;
  readonly dup: number;
  readonly outOfOrder: number;
}

/** Compares what was acknowledged with the whole log. */
export async function checkLog(pool: pg.Pool, acked: readonly Acknowledged[]): Promise<Verdict> {
  const recorded = await recordedMessages(pool);
  const places = new Map(recorded.map((name, place) => [name, place]));
  const lost = acked.filter((message) => !places.has(nameOf(message))).length;
  let outOfOrder = 0;
  for (const messages of Map.groupBy(acked, ({ conversation }) => conversation).values()) {
    const found = messages.flatMap((message) => places.get(nameOf(message)) ?? []);
    outOfOrder += found.filter((place, index) => index > 0 && place < found[index - 1]!).length;
  }
  return { acked: acked.length, lost, dup: recorded.length - places.size, outOfOrder };
}

/** As a line: `acked N, lost 0, dup 0, out of order 0`. */
export function asLine({ acked, lost, dup, outOfOrder }: Verdict): string {
  return `acked ${acked}, lost ${lost}, dup ${dup}, out of order ${outOfOrder}`;
}

async function recordedMessages(pool: pg.Pool): Promise<string[]> {
  const store = new EventStore(pool, readModels);
  const streams = new Map<string, string>();
  const names: string[] = [];
  for (let position = 0; ;) {
    const events = await store.readFrom(position, 1000);
    for (const { streamId, event } of events) {
      const data = event.data as {
        conversation_id?: string;
        message?: { message_id: string };
      } | null;
      if (event.type === 'ConversationOpened') streams.set(streamId, data?.conversation_id ?? '');
      if (event.type !== 'MessageRecorded' && event.type !== 'MessageRevised') continue;
      const conversation = streams.get(streamId) ?? '';
      names.push(nameOf({ conversation, message: data?.message?.message_id ?? '' }));
    }
    const last = events.at(-1);
    if (!last) return names;
    position = last.position;
  }
}

function nameOf({ conversation, message }: Acknowledged): string {
  return `${conversation}/${message}`;
}
