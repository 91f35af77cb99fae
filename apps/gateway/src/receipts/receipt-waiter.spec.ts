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
    const both = [waiter.expect(EXPECTED, 5_000), waiter.expect(EXPECTED, 5_000)];

    board.post('t_1', [receipt()]);

    expect(await Promise.all(both.map((one) => one.receipt))).toEqual([receipt(), receipt()]);
    expect(board.expectedIn('t_1')).toEqual([]);
  });

  it('a receipt of another tenant answers nobody', async () => {
    const board = new ReceiptBoard();
    const waiting = new ReceiptWaiter(board, NEVER, PACE).expect(EXPECTED, 20);

    board.post('t_2', [receipt()]);

    expect(await waiting.receipt).toBeNull();
  });

  it('a rejection of an earlier attempt is passed over, the one of this attempt answers', async () => {
    const board = new ReceiptBoard();
    const waiting = new ReceiptWaiter(board, NEVER, PACE).expect(EXPECTED, 5_000);
    const own = receipt({ disposition: 'rejected' });

    board.post('t_1', [{ ...own, attempt_id: '0190a5b4-0000-7000-8000-00000000000b' }]);
    board.post('t_1', [own]);

    expect(await waiting.receipt).toEqual(own);
  });

  it('an accepted receipt of an earlier attempt answers a repeat', async () => {
    const board = new ReceiptBoard();
    const waiting = new ReceiptWaiter(board, NEVER, PACE).expect(EXPECTED, 5_000);
    const first = receipt({ attempt_id: '0190a5b4-0000-7000-8000-00000000000b' });

    board.post('t_1', [first]);

    expect(await waiting.receipt).toEqual(first);
  });

  it('one query of one poller serves all that wait in a tenant', async () => {
    const asked: (readonly string[])[] = [];
    const find: FindReceipts = (_tenant, ids) => {
      asked.push(ids);
      return Promise.resolve(ids.map((command_id) => receipt({ command_id })));
    };
    const waiter = new ReceiptWaiter(new ReceiptBoard(), find, PACE);
    const ids = ['a', 'b', 'c'];
    const waiting = ids.map((id) => waiter.expect({ ...EXPECTED, commandId: id }, 5_000));

    ids.forEach(() => {
      waiter.poll('t_1');
    });
    const found = await Promise.all(waiting.map((one) => one.receipt));

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
    const waiting = waiter.expect(EXPECTED, 5_000);

    waiter.poll('t_1');

    expect(await waiting.receipt).toEqual(receipt());
    expect(failures).toHaveLength(1);
  });

  it('a receipt that does not come in time is answered by null, and nobody polls on', async () => {
    let queries = 0;
    const find: FindReceipts = () => Promise.resolve((queries += 1)).then(() => []);
    const waiter = new ReceiptWaiter(new ReceiptBoard(), find, PACE);
    const waiting = waiter.expect(EXPECTED, 10);

    waiter.poll('t_1');

    expect(await waiting.receipt).toBeNull();
    const seen = queries;
    const later = waiter.expect({ ...EXPECTED, tenant: 't_2' }, 20);
    await later.receipt;
    expect(queries - seen).toBeLessThanOrEqual(1);
  });
});
