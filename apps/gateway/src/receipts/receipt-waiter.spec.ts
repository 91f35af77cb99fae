import { describe, expect, it } from '@jest/globals';
import { type Receipt } from '@parley/contracts';
import { ReceiptBoard } from './receipt-board.js';
import { type FindReceipts, ReceiptWaiter } from './receipt-waiter.js';
import { receipt } from './receipt.fixtures.js';

const PACE = { firstMs: 1, lastMs: 4 };
const NEVER: FindReceipts = () => Promise.resolve([]);
const { command_id: commandId, attempt_id: attemptId } = receipt();
const EXPECTED = { tenant: 't_1', commandId, attemptId };

describe('waiting for receipts', () => {
  it('a posted receipt answers everyone who waits for its command', async () => {
    const board = new ReceiptBoard();
    const waiter = new ReceiptWaiter(board, NEVER, PACE);
    const both = [waiter.expect(EXPECTED), waiter.expect(EXPECTED)];

    board.post('t_1', [receipt()]);

    expect(await Promise.all(both.map((one) => one.within(5_000)))).toEqual([receipt(), receipt()]);
    expect(board.expectedIn('t_1')).toEqual([]);
  });

  it('a receipt of another tenant answers nobody', async () => {
    const board = new ReceiptBoard();
    const waiting = new ReceiptWaiter(board, NEVER, PACE).expect(EXPECTED);

    board.post('t_2', [receipt()]);

    expect(await waiting.within(20)).toBeNull();
  });

  it('a rejection of an earlier attempt is passed over, the one of this attempt answers', async () => {
    const board = new ReceiptBoard();
    const waiting = new ReceiptWaiter(board, NEVER, PACE).expect(EXPECTED);
    const own = receipt({ disposition: 'rejected' });

    board.post('t_1', [{ ...own, attempt_id: '0190a5b4-0000-7000-8000-00000000000b' }]);
    board.post('t_1', [own]);

    expect(await waiting.within(5_000)).toEqual(own);
  });

  it('an accepted receipt of an earlier attempt answers a repeat', async () => {
    const board = new ReceiptBoard();
    const waiting = new ReceiptWaiter(board, NEVER, PACE).expect(EXPECTED);
    const first = receipt({ attempt_id: '0190a5b4-0000-7000-8000-00000000000b' });

    board.post('t_1', [first]);

    expect(await waiting.within(5_000)).toEqual(first);
  });

  it('one query of one poller serves all that wait in a tenant', async () => {
    const asked: (readonly string[])[] = [];
    const find: FindReceipts = (_tenant, ids) => {
      asked.push(ids);
      return Promise.resolve(ids.map((command_id) => receipt({ command_id })));
    };
    const waiter = new ReceiptWaiter(new ReceiptBoard(), find, PACE);
    const ids = ['a', 'b', 'c'];
    const waiting = ids.map((id) => waiter.expect({ ...EXPECTED, commandId: id }));

    ids.forEach(() => {
      waiter.poll('t_1');
    });
    const found = await Promise.all(waiting.map((one) => one.within(5_000)));

    expect(found.map((one) => one?.command_id)).toEqual(ids);
    expect(asked).toEqual([ids]);
  });

  it('a poller goes on after the database was away for a moment', async () => {
    const answers: (() => Promise<readonly Receipt[]>)[] = [
      () => Promise.reject(new Error('away')),
      () => Promise.resolve([receipt()]),
    ];
    const find: FindReceipts = () => (answers.shift() ?? (() => Promise.resolve([])))();
    const failures: unknown[] = [];
    const waiter = new ReceiptWaiter(new ReceiptBoard(), find, PACE, (error) =>
      failures.push(error),
    );
    const waiting = waiter.expect(EXPECTED);

    waiter.poll('t_1');

    expect(await waiting.within(5_000)).toEqual(receipt());
    expect(failures).toHaveLength(1);
  });

  it('a poller that finds only what nobody waits for looks ever less often', async () => {
    const former = receipt({
      disposition: 'rejected',
      attempt_id: '0190a5b4-0000-7000-8000-00000000000b',
    });
    let queries = 0;
    const find: FindReceipts = () => Promise.resolve((queries += 1)).then(() => [former]);
    const waiter = new ReceiptWaiter(new ReceiptBoard(), find, { firstMs: 1, lastMs: 10_000 });
    const waiting = waiter.expect(EXPECTED);

    waiter.poll('t_1');

    expect(await waiting.within(200)).toBeNull();
    expect(queries).toBeLessThanOrEqual(8);
  });

  it('receipts decided long since are found by one query, also where nobody posts', async () => {
    const asked: (readonly string[])[] = [];
    const find: FindReceipts = (_tenant, ids) => {
      asked.push(ids);
      return Promise.resolve(ids.map((command_id) => receipt({ command_id })));
    };
    const waiter = new ReceiptWaiter(new ReceiptBoard(), find, { firstMs: 10_000, lastMs: 10_000 });
    const expected = ['a', 'b'].map((id) => ({ ...EXPECTED, commandId: id }));

    const found = await waiter.find(expected, 5_000);

    expect(found.map((one) => one?.command_id)).toEqual(['a', 'b']);
    expect(asked).toEqual([['a', 'b']]);
    expect(await waiter.find([], 5_000)).toEqual([]);
  });

  it('one that is posted while its look is under way is not missed', async () => {
    const board = new ReceiptBoard();
    const find: FindReceipts = () => {
      board.post('t_1', [receipt()]);
      return Promise.resolve([]);
    };

    expect(await new ReceiptWaiter(board, find, PACE).find([EXPECTED], 5_000)).toEqual([receipt()]);
  });

  it('a look that fails leaves nobody waiting', async () => {
    const board = new ReceiptBoard();
    const away: FindReceipts = () => Promise.reject(new Error('away'));
    const waiting = new ReceiptWaiter(board, away, PACE).find([EXPECTED], 5_000);

    await expect(waiting).rejects.toThrow('away');
    expect(board.expectedIn('t_1')).toEqual([]);
  });

  it('the time of a waiter begins when the bus has its command, not before', async () => {
    const board = new ReceiptBoard();
    const waiter = new ReceiptWaiter(board, NEVER, PACE);
    const waiting = waiter.expect(EXPECTED);
    const other = waiter.expect({ ...EXPECTED, commandId: 'b' });
    expect(await other.within(20)).toBeNull();

    board.post('t_1', [receipt()]);

    expect(await waiting.within(20)).toEqual(receipt());
  });

  it('a receipt that does not come in time is answered by null, and nobody polls on', async () => {
    let queries = 0;
    const find: FindReceipts = () => Promise.resolve((queries += 1)).then(() => []);
    const waiter = new ReceiptWaiter(new ReceiptBoard(), find, PACE);
    const waiting = waiter.expect(EXPECTED);

    waiter.poll('t_1');

    expect(await waiting.within(10)).toBeNull();
    const seen = queries;
    const later = waiter.expect({ ...EXPECTED, tenant: 't_2' });
    await later.within(20);
    expect(queries - seen).toBeLessThanOrEqual(1);
  });
});
