import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InProcess } from './support/in-process.js';
import { RandomHistory, seeded } from './support/random-history.js';
import { eventsOf, type LoggedEvent, referenceFold } from './support/reference-fold.js';

const EVENTS = 500;
const EVERY_TYPE = [
  'ConversationOpened',
  'ConversationReassigned',
  'ConversationRevised',
  'ConversationSuperseded',
  'MessageRecorded',
  'MessageRevised',
  'MessageSuperseded',
  'RecordConfirmed',
];

interface Change {
  readonly path: readonly (string | number)[];
  readonly to?: unknown;
}
interface Diff {
  readonly events: readonly {
    readonly position: number;
    readonly message_id: string | null;
    readonly changes: readonly Change[];
  }[];
  readonly next_from: number | null;
}

describe('time travel through a stream of 500 events', () => {
  let parley: InProcess;
  let events: readonly LoggedEvent[];
  /** What the read models answered right after a write, by the position of the log then. */
  const served = new Map<number, string>();

  beforeAll(async () => {
    parley = await InProcess.start();
    const history = new RandomHistory(parley, 'c1', 4711);
    const look = async (): Promise<number> => {
      const { headers, text } = await parley.get('conversations/c1');
      const position = Number(headers['parley-as-of-position']);
      served.set(position, text);
      return position;
    };
    await history.open();
    while ((await look()) < EVENTS / 2) await history.writeByHttp();
    while ((await look()) < EVENTS) await history.writeByS3();
    events = await eventsOf(parley.pool, 'c1');
  }, 240_000);

  afterAll(() => parley.stop(), 30_000);

  const asOf = (moment: string | number, query = '') =>
    parley.get(`conversations/c1?as_of=${encodeURIComponent(moment)}${query}`);

  it('has gone through all that can happen to a conversation', () => {
    expect(events.length).toBeGreaterThanOrEqual(EVENTS);
    expect([...new Set(events.map(({ type }) => type))].toSorted()).toEqual(EVERY_TYPE);
    expect(served.size).toBeGreaterThan(250);
  });

  it('shows for every prefix its fold, and byte for byte what was read when the log had got there', async () => {
    for (const [index, { position }] of events.entries()) {
      const { status, headers, body, text } = await asOf(position);

      expect([position, status]).toEqual([position, 200]);
      expect(headers['parley-as-of-position']).toBe(String(position));
      expect(body).toEqual(referenceFold('c1', events.slice(0, index + 1)));
      expect(text).toBe(served.get(position) ?? text);
    }
  }, 120_000);

  it('finds a moment by time as by position', async () => {
    for (const { position, recordedAt } of events.filter((_, index) => index % 17 === 0)) {
      const fraction = String(recordedAt % 1_000_000).padStart(6, '0');
      const time = new Date(recordedAt / 1000).toISOString().replace(/\.\d+/, `.${fraction}`);

      expect((await asOf(time)).text).toBe((await asOf(position)).text);
    }
  });

  it('knows a conversation by the agent of then, and by the one that it has now', async () => {
    const now = (await parley.get('conversations/c1')).body['agent'];
    const moved = events.find(({ type }) => type === 'ConversationReassigned')!;

    for (const agent of ['a0', String(now)]) {
      const before = await asOf(moved.position - 1, `&agent=${agent}`);
      expect([before.status, before.body['agent']]).toEqual([200, 'a0']);
    }
    expect((await asOf(moved.position, '&agent=nobody')).status).toBe(404);
  });

  it('tells which event changed what: all changes in a row lead from nothing to what is served', async () => {
    const conversation: Record<string, unknown> = {};
    const messages = new Map<string, Record<string, unknown>>();
    let from: number | null = 0;
    const positions: number[] = [];
    while (from !== null) {
      const { body } = await parley.get(`conversations/c1/diff?from=${from}&limit=99`);
      const diff = body as unknown as Diff;
      for (const { position, message_id, changes } of diff.events) {
        positions.push(position);
        const target = message_id === null ? conversation : (messages.get(message_id) ?? {});
        if (message_id !== null && changes.length > 0) messages.set(message_id, target);
        changes.forEach((change) => {
          apply(target, change);
        });
      }
      from = diff.next_from;
    }
    const { messages: shown, ...header } = (await parley.get('conversations/c1')).body;

    expect(positions).toEqual(events.map(({ position }) => position));
    expect(withoutTimes(header)).toEqual(conversation);
    expect(
      Object.fromEntries(
        (shown as { message_id: string }[]).map((m) => [m.message_id, withoutTimes(m)]),
      ),
    ).toEqual(Object.fromEntries(messages));
  });

  it('tells of any two moments what lies between them', async () => {
    const random = seeded(7);
    for (let n = 0; n < 25; n += 1) {
      const [from = 0, to = 0] = [random(), random()]
        .map((part) => Math.floor(part * EVENTS))
        .toSorted((a, b) => a - b);
      const { body } = await parley.get(`conversations/c1/diff?from=${from}&to=${to || 1}`);
      const between = events.filter(({ position }) => position > from && position <= (to || 1));

      expect((body as unknown as Diff).events.map(({ position }) => position)).toEqual(
        between.map(({ position }) => position),
      );
    }
  });

  it.each([
    ['conversations/c1?as_of=0', 404, 'conversation_not_found'],
    ['conversations/c1?as_of=1970-01-01T00:00:00Z', 404, 'conversation_not_found'],
    ['conversations/nowhere?as_of=1', 404, 'conversation_not_found'],
    ['conversations/c1?as_of=999999999', 422, 'out_of_range'],
    ['conversations/c1?as_of=9999-01-01T00:00:00Z', 422, 'out_of_range'],
    ['conversations/c1?as_of=yesterday', 422, 'bad_timestamp'],
    ['conversations/c1/diff?from=9&to=8', 422, 'out_of_range'],
    ['conversations/c1/diff?to=999999999', 422, 'out_of_range'],
    ['conversations/nowhere/diff', 404, 'conversation_not_found'],
  ])('answers %s by %i', async (path, status, code) => {
    const answer = await parley.get(path);

    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(code)]);
  });

  it('shows nothing of what was deleted since', async () => {
    await parley.post('conversations', {
      conversation_id: 'doomed',
      agent: 'a',
      timestamp: '2024-01-15T10:30:00Z',
      is_resolved: false,
    });
    const position = (await parley.get('conversations/doomed')).headers['parley-as-of-position'];
    expect((await parley.get(`conversations/doomed?as_of=${String(position)}`)).status).toBe(200);
    await parley.delete('conversations/doomed');

    expect((await parley.get(`conversations/doomed?as_of=${String(position)}`)).status).toBe(404);
    expect((await parley.get('conversations/doomed/diff')).status).toBe(404);
  });
});

/** Carries out a change as the documentation has it: `to` is what stands there now, if anything. */
function apply(target: Record<string, unknown>, { path, ...change }: Change): void {
  const last = path.at(-1)!;
  const parent = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((value, key) => value[key] as Record<string, unknown>, target);
  if ('to' in change) parent[last] = change.to;
  else Reflect.deleteProperty(parent, last);
}

function withoutTimes({ created_at: _, updated_at: __, ...rest }: Record<string, unknown>) {
  return rest;
}
