import { type Receipt } from '@parley/contracts';

/**
 * What a waiter asks for: the receipt of `commandId`; a rejection counts only if it is of this very attempt, or of one
 * begun later where `orLater` says so.
 */
export interface Expected {
  readonly tenant: string;
  readonly commandId: string;
  readonly attemptId: string;
  readonly orLater?: true;
}

type Waiter = Expected & { readonly resolve: (receipt: Receipt) => void };

/**
 * Where receipts meet those who wait for them. Whoever decides commands in this process posts here; a poller posts
 * what it finds in the database. Posting what nobody waits for is harmless.
 */
export class ReceiptBoard {
  private readonly tenants = new Map<string, Map<string, Set<Waiter>>>();

  /** Calls `resolve` once, when the receipt is there; the answer takes the expectation back. */
  expect(expected: Expected, resolve: (receipt: Receipt) => void): () => void {
    const waiter: Waiter = { ...expected, resolve };
    const commands = this.tenants.get(expected.tenant) ?? new Map<string, Set<Waiter>>();
    const waiters = commands.get(expected.commandId) ?? new Set();
    this.tenants.set(expected.tenant, commands.set(expected.commandId, waiters.add(waiter)));
    return () => {
      this.remove(waiter);
    };
  }

  /** Hands decided receipts of a tenant to their waiters; answers how many had waited. */
  post(tenant: string, receipts: readonly Receipt[]): number {
    const commands = this.tenants.get(tenant);
    let answered = 0;
    if (!commands) return answered;
    for (const receipt of receipts) {
      for (const waiter of commands.get(receipt.command_id) ?? []) {
        if (!isAnswer(receipt, waiter)) continue;
        this.remove(waiter);
        waiter.resolve(receipt);
        answered += 1;
      }
    }
    return answered;
  }

  /** The command ids that someone waits for. */
  expectedIn(tenant: string): readonly string[] {
    return [...(this.tenants.get(tenant)?.keys() ?? [])];
  }

  private remove(waiter: Waiter): void {
    const commands = this.tenants.get(waiter.tenant);
    const waiters = commands?.get(waiter.commandId);
    waiters?.delete(waiter);
    if (waiters?.size === 0) commands?.delete(waiter.commandId);
    if (commands?.size === 0) this.tenants.delete(waiter.tenant);
  }
}

function isAnswer({ disposition, attempt_id }: Receipt, { attemptId, orLater }: Waiter): boolean {
  if (disposition !== 'rejected' || attempt_id === attemptId) return true;
  // UUIDv7: in the order of their times.
  return orLater === true && attempt_id > attemptId;
}
