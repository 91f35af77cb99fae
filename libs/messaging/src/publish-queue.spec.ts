import { describe, expect, it, jest } from '@jest/globals';
import { BusUnavailableError } from './bus.js';
import { type Publication, PublishQueue } from './publish-queue.js';

const record = (key: string) => ({ key, headers: {}, value: Buffer.from(key) });

function queue(send: (publications: readonly Publication[]) => Promise<void>, deadlineMs = 5_000) {
  const sent: string[][] = [];
  const options = {
    deadlineMs,
    send: async (publications: readonly Publication[]) => {
      sent.push(publications.flatMap(({ records }) => records.map(({ key }) => key)));
      await send(publications);
    },
  };
  return { sent, publisher: new PublishQueue(options) };
}

describe('calls of publish', () => {
  it('of one turn of the event loop share a send', async () => {
    const { sent, publisher } = queue(async () => undefined);
    await Promise.all(['a', 'b', 'c'].map((key) => publisher.publish('t', [record(key)])));
    expect(sent).toEqual([['a', 'b', 'c']]);
  });

  it('that come during a send share the next one, in their order', async () => {
    let finish!: () => void;
    const first = new Promise<void>((resolve) => (finish = resolve));
    const { sent, publisher } = queue(() => first);
    const calls = [publisher.publish('t', [record('a')])];
    await new Promise((resolve) => setImmediate(resolve));
    calls.push(publisher.publish('t', [record('b')]), publisher.publish('u', [record('c')]));
    finish();
    await Promise.all(calls);
    expect(sent).toEqual([['a'], ['b', 'c']]);
  });

  it('all learn when their send fails, and later ones are sent', async () => {
    let isAway = true;
    const { publisher } = queue(async () => {
      if (isAway) throw new BusUnavailableError('away');
    });
    const calls = ['a', 'b'].map((key) => publisher.publish('t', [record(key)]));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isAway = false;
    await expect(publisher.publish('t', [record('c')])).resolves.toBeUndefined();
  });

  it('are withdrawn when their turn does not come in time', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
    let finish!: () => void;
    const first = new Promise<void>((resolve) => (finish = resolve));
    const { sent, publisher } = queue(() => first, 1_000);
    const stuck = publisher.publish('t', [record('stuck')]);
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = publisher.publish('t', [record('waiting')]);
    jest.advanceTimersByTime(1_001);
    jest.useRealTimers();
    await expect(stuck).rejects.toBeInstanceOf(BusUnavailableError);
    await expect(waiting).rejects.toBeInstanceOf(BusUnavailableError);
    finish();
    await publisher.close();
    expect(sent).toEqual([['stuck']]);
  });

  it('are refused once the queue is closed', async () => {
    const { publisher } = queue(async () => undefined);
    await publisher.close();
    await expect(publisher.publish('t', [record('a')])).rejects.toMatchObject({
      code: 'bus/unavailable',
    });
  });
});
