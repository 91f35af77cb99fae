import { type Attempt } from '../load/journal.js';
import { identityOf, type Recorded } from './recorded.js';

/** What the log says of what was sent and answered. */
export type Verdict = Readonly<
  Record<'acked' | 'info' | 'refused' | 'lost' | 'phantom' | 'dup' | 'ooo' | 'pairs', number>
>;

/** All attempts for one conversation or message. */
interface Sent {
  readonly invoked: number;
  /** Infinity where none was accepted. */
  readonly accepted: number;
  readonly isRefused: boolean;
  readonly contents: ReadonlySet<string>;
}

/**
 * Compares the journal of a load with the log. `lost` was accepted and is not there; `phantom` is there and was never
 * sent so, or was refused; `dup` is there more often than it was sent with another content; `ooo` counts those that were
 * sent after the answer for another of their conversation, and stand before it.
 */
export function judge(attempts: readonly Attempt[], recorded: readonly Recorded[]): Verdict {
  const sent = sentOf(attempts);
  const found = Map.groupBy(recorded, identityOf);
  const lost = [...sent].filter(([id, { accepted }]) => accepted < Infinity && !found.has(id));
  const phantom = recorded.filter((one) => !couldBe(one, sent.get(identityOf(one))));
  const distinct = new Set(recorded.map((one) => `${identityOf(one)}${one.content}`));
  const order = orderOf(recorded, sent);
  return {
    acked: attempts.filter(({ outcome }) => outcome === 'ok').length,
    info: attempts.filter(({ outcome }) => outcome === 'info').length,
    refused: attempts.filter(({ outcome }) => outcome === 'fail').length,
    lost: lost.length,
    phantom: phantom.length,
    dup: recorded.length - distinct.size,
    ...order,
  };
}

function sentOf(attempts: readonly Attempt[]): Map<string, Sent> {
  const groups = Map.groupBy(attempts, identityOf);
  return new Map(
    Array.from(groups, ([id, all]) => [
      id,
      {
        invoked: Math.min(...all.map(({ invoked }) => invoked)),
        accepted: Math.min(
          ...all.map(({ outcome, ended }) => (outcome === 'ok' ? ended : Infinity)),
        ),
        isRefused: all.every(({ outcome }) => outcome === 'fail'),
        contents: new Set(all.map(({ content }) => content)),
      },
    ]),
  );
}

function couldBe({ content }: Recorded, sent: Sent | undefined): boolean {
  return sent !== undefined && !sent.isRefused && sent.contents.has(content);
}

/** One that was answered before another was sent must not stand behind it. */
function orderOf(recorded: readonly Recorded[], sent: ReadonlyMap<string, Sent>) {
  let ooo = 0;
  let pairs = 0;
  for (const one of Map.groupBy(recorded, ({ conversation }) => conversation).values()) {
    let latest = -Infinity;
    for (const { invoked, accepted } of one.flatMap((item) => sent.get(identityOf(item)) ?? [])) {
      if (accepted < latest) ooo += 1;
      latest = Math.max(latest, invoked);
    }
    pairs += Math.max(0, one.length - 1);
  }
  return { ooo, pairs };
}
