import { type JsonObject, type Receipt } from '@parley/contracts';
import { readReceipts } from '@parley/event-store';
import { type Principal, TenantDatabases } from '@parley/tenancy';
import { Injectable } from '@nestjs/common';
import { validate } from 'uuid';
import { problem } from '../errors/http-problem.js';
import { wholeSeconds } from '../uploads/answer.js';
import { commandIdsOf, keyedRequestId } from '../uploads/command-ids.js';
import { type KeyedReceipts } from './receipts-request.js';

const HASHES = `SELECT DISTINCT encode(request_hash, 'hex') AS hash FROM receipts
WHERE command_id BETWEEN $1 AND $2 AND disposition <> 'rejected'`;

/** Reads receipts from the caller's own database, and nowhere else. */
@Injectable()
export class Receipts {
  constructor(private readonly databases: TenantDatabases) {}

  async find(tenant: string, commandIds: readonly string[]): Promise<readonly Receipt[]> {
    return readReceipts(await this.databases.pool(tenant, 'reader'), commandIds);
  }

  /** The hashes of the requests that got as far as any of these ids and were not rejected; null for one that was erased. */
  async listRequestHashes(
    tenant: string,
    first: string,
    last: string,
  ): Promise<readonly (string | null)[]> {
    const pool = await this.databases.pool(tenant, 'reader');
    const { rows } = await pool.query<{ hash: string | null }>(HASHES, [first, last]);
    return rows.map(({ hash }) => hash);
  }

  async getReceipt({ tenantId }: Principal, id: string): Promise<JsonObject> {
    const [receipt] = validate(id) ? await this.find(tenantId, [id.toLowerCase()]) : [];
    if (!receipt) throw problem(404, 'not_found', 'there is no receipt with this id, or not yet');
    return rendered(receipt);
  }

  /** The receipts of all that came to a path under an `Idempotency-Key`, in the order of the request's items. */
  async listReceipts(caller: Principal, { key, path }: KeyedReceipts): Promise<JsonObject> {
    const ids = commandIdsOf(keyedRequestId({ caller, path }, key));
    const found = new Map(
      (await this.find(caller.tenantId, ids)).map((one) => [one.command_id, one]),
    );
    const data = ids.flatMap((id, item) => {
      const receipt = found.get(id);
      return receipt ? [{ item, ...rendered(receipt) }] : [];
    });
    return { data };
  }
}

function rendered(receipt: Receipt): JsonObject {
  const { command_id, disposition, position, stream_version, content_hash, warnings, masked } =
    receipt;
  return {
    receipt_id: command_id,
    disposition,
    position,
    stream_version,
    content_hash,
    warnings,
    masked,
    problem: receipt.problem && {
      code: receipt.problem.reason,
      place: receipt.problem.place,
      detail: receipt.problem.message,
    },
    created_at: receipt.created_at === null ? null : wholeSeconds(receipt.created_at),
    decided_at: wholeSeconds(receipt.decided_at),
  };
}
