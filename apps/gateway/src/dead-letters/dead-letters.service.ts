import { decodeUtf8, formatTimestamp, type JsonObject } from '@parley/contracts';
import {
  type DeadLetterPage,
  type DeadLetterSummary,
  discardDeadLetter,
  findDeadLetters,
  isRedrivable,
  listDeadLetters,
} from '@parley/event-store';
import { type Bus } from '@parley/messaging';
import { type Principal, redriveDeadLetters, type TenantDatabases } from '@parley/tenancy';
import { type Cursors } from '../conversations/cursors.js';
import { problem } from '../errors/http-problem.js';
import { type Answer } from '../uploads/answer.js';
import { type DeadLettersRequest, noSuchLetter } from './dead-letters-request.js';

/** An account's dead letters: what could not be applied, and what is to become of it. */
export class DeadLettersService {
  constructor(
    private readonly databases: TenantDatabases,
    private readonly bus: Bus,
    private readonly cursors: Cursors,
  ) {}

  async listLetters({ tenantId }: Principal, request: DeadLettersRequest): Promise<JsonObject> {
    const { limit } = request;
    const pool = await this.databases.pool(tenantId, 'reader');
    const page = this.pageOf(tenantId, request);
    const found = await listDeadLetters(pool, { ...page, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const last = found.length > limit ? shown.at(-1) : undefined;
    const place = last && [String(last.arrived_at), last.id];
    return {
      dead_letters: shown.map(summary),
      next_after: place ? this.cursors.seal(scopeOf(tenantId, request), place) : null,
    };
  }

  async getLetter({ tenantId }: Principal, id: string): Promise<JsonObject> {
    const [letter] = await findDeadLetters(await this.databases.pool(tenantId, 'reader'), [id]);
    if (!letter) throw noSuchLetter();
    const { headers, record_key, value } = letter;
    return {
      ...summary(letter),
      headers: headers && decodedHeaders(headers),
      key: record_key && decodeUtf8(record_key),
      value: value && decodeUtf8(value),
      value_base64: value && Buffer.from(value).toString('base64'),
    };
  }

  /** Asks ingestion to try a letter again. Where that works the letter is gone, else it has one attempt more. */
  async redriveLetter(caller: Principal, id: string): Promise<Answer> {
    const pool = await this.databases.pool(caller.tenantId, 'reader');
    const [letter] = await listDeadLetters(pool, { ids: [id], limit: 1 });
    if (!letter) throw noSuchLetter();
    if (!isRedrivable(letter)) {
      throw problem(409, 'not_redrivable', 'nothing of this record is left that could be applied');
    }
    await this.redrive(caller, [letter]);
    return { status: 202, headers: { Location: `/api/dead-letters/${id}` }, body: { redriven: 1 } };
  }

  /** The same for many at once; those that can't be tried again are passed over. */
  async redriveLetters(caller: Principal, request: DeadLettersRequest): Promise<Answer> {
    const pool = await this.databases.pool(caller.tenantId, 'reader');
    const page = this.pageOf(caller.tenantId, request);
    const letters = await this.redrive(caller, await listDeadLetters(pool, page));
    return { status: 202, headers: {}, body: { redriven: letters.length } };
  }

  async discardLetter(
    { tenantId, credentialId }: Principal,
    id: string,
    note: string | null,
  ): Promise<JsonObject> {
    const pool = await this.databases.pool(tenantId, 'app');
    const discard = { id, actor: `key:${credentialId}`, reason: note };
    if (!(await discardDeadLetter(pool, discard))) throw noSuchLetter();
    return { id, discarded: true };
  }

  private pageOf(tenant: string, { after, ...page }: DeadLettersRequest): DeadLetterPage {
    const place = this.cursors.given(scopeOf(tenant, page), 'after', after);
    if (!place) return page;
    const [arrivedAt, id = ''] = place;
    return { ...page, before: { arrived_at: Number(arrivedAt), id } };
  }

  private async redrive(
    { tenantId, credentialId }: Principal,
    letters: readonly DeadLetterSummary[],
  ): Promise<readonly DeadLetterSummary[]> {
    const pool = await this.databases.pool(tenantId, 'app');
    const by = { tenant: tenantId, actor: `key:${credentialId}` };
    return redriveDeadLetters({ ...by, pool, bus: this.bus }, letters);
  }
}

/** A place in one list is none in another. */
function scopeOf(tenant: string, { reason, door }: Omit<DeadLetterPage, 'limit'>): string {
  return JSON.stringify([tenant, 'dead-letters', reason, door]);
}

function summary(letter: DeadLetterSummary): JsonObject {
  const time = (micros: number) => formatTimestamp(BigInt(micros));
  const { id, door, reason, detail, topic, partition, offset, attempts, bytes } = letter;
  return {
    ...{ id, door, reason, detail, attempts },
    arrived_at: time(letter.arrived_at),
    last_failed_at: time(letter.last_failed_at),
    agent: letter.agent_id,
    conversation_id: letter.conversation_id,
    message_id: letter.message_id,
    ...{ topic, partition, offset },
    bytes: bytes ?? 0,
    can_redrive: isRedrivable(letter),
  };
}

function decodedHeaders(headers: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(headers as Record<string, string>).map(([name, base64]) => [
      name,
      decodeUtf8(Buffer.from(base64, 'base64')),
    ]),
  );
}
