import { setTimeout as delay } from 'node:timers/promises';
import { formatTimestamp } from '@parley/contracts';
import { DomainError } from '@parley/event-sourcing';
import {
  type DeadLetterPage,
  type DeadLetterSummary,
  discardDeadLetter,
  findDeadLetters,
  isRedrivable,
  listDeadLetters,
} from '@parley/event-store';
import { redriveDeadLetters } from '@parley/tenancy';
import { type Answer } from './answer.js';
import { type Installation, tenantNamed } from './installation.js';
import { wholeNumber } from './whole-number.js';

/** Options of `dead-letters list` and of `redrive` as they are typed. */
export interface LetterFilter {
  readonly tenant: string;
  readonly reason?: string;
  readonly door?: string;
  readonly limit: string;
}

const WAITS_MS = 10_000;
const LOOK_EVERY_MS = 200;

/** `dead-letters list`: the newest first, without their bytes. */
export async function listLetters(
  installation: Installation,
  filter: LetterFilter,
): Promise<Answer> {
  const { pool } = await poolOf(installation, filter.tenant);
  const letters = await listDeadLetters(pool, pageOf(filter));
  return { json: letters.map(summary), lines: letters.map(line) };
}

/** `dead-letters show ID` */
export async function showLetter(
  installation: Installation,
  tenant: string,
  id: string,
): Promise<Answer> {
  const { pool } = await poolOf(installation, tenant);
  const [letter] = await findDeadLetters(pool, [id]);
  if (!letter) throw unknown(id);
  const value = letter.value === null ? null : Buffer.from(letter.value);
  const json = { ...summary(letter), value_base64: value?.toString('base64') ?? null };
  return { json, lines: [line(letter), value?.toString('utf8') ?? 'nothing is kept of it'] };
}

/** `dead-letters redrive ID`, or all of a filter: asks ingestion to try again, and waits for what becomes of it. */
export async function redriveLetters(
  installation: Installation,
  filter: LetterFilter,
  id: string | undefined,
): Promise<Answer> {
  const { tenant, pool } = await poolOf(installation, filter.tenant);
  const found = id ? [await redrivable(pool, id)] : await listDeadLetters(pool, pageOf(filter));
  const bus = await installation.bus();
  const letters = await redriveDeadLetters({ tenant, pool, bus, actor: 'cli' }, found);
  const left = await settled(pool, letters);
  const applied = letters.length - left.length;
  return {
    json: { redriven: letters.length, applied, left: left.map(summary) },
    lines: [`${letters.length} tried again, ${applied} applied`, ...left.map(line)],
    isBad: left.length > 0,
  };
}

/** `dead-letters discard ID` */
export async function discardLetter(
  installation: Installation,
  { tenant, note }: { readonly tenant: string; readonly note?: string },
  id: string,
): Promise<Answer> {
  const { pool } = await poolOf(installation, tenant);
  if (!(await discardDeadLetter(pool, { id, actor: 'cli', reason: note ?? null })))
    throw unknown(id);
  return { json: { id, discarded: true }, lines: [`${id} is gone`] };
}

type Pool = Awaited<ReturnType<Installation['databases']['pool']>>;

async function poolOf({ databases, ...installation }: Installation, tenant: string) {
  const { id } = await tenantNamed({ databases, ...installation }, tenant);
  return { tenant: id, pool: await databases.pool(id, 'app') };
}

function pageOf({ reason, door, limit }: LetterFilter): DeadLetterPage {
  return { reason, door, limit: wholeNumber('--limit', limit) };
}

async function redrivable(pool: Pool, id: string): Promise<DeadLetterSummary> {
  const [letter] = await listDeadLetters(pool, { ids: [id], limit: 1 });
  if (!letter) throw unknown(id);
  if (isRedrivable(letter)) return letter;
  const words = `nothing of the dead letter ${id} is left that could be applied`;
  throw new DomainError('dead-letter/not-redrivable', words);
}

/** Those that are still there when all have been tried, or when that takes too long. */
async function settled(
  pool: Pool,
  letters: readonly DeadLetterSummary[],
): Promise<readonly DeadLetterSummary[]> {
  const before = new Map(letters.map(({ id, attempts }) => [id, attempts]));
  const deadline = Date.now() + WAITS_MS;
  for (;;) {
    const left = await listDeadLetters(pool, { ids: [...before.keys()], limit: before.size });
    const untried = left.filter(({ id, attempts }) => attempts === before.get(id));
    if (untried.length === 0 || Date.now() > deadline) return left;
    await delay(LOOK_EVERY_MS);
  }
}

function unknown(id: string): DomainError {
  return new DomainError('dead-letter/unknown', `there is no dead letter ${id}`);
}

function summary(letter: DeadLetterSummary) {
  const { id, door, reason, detail, topic, partition, offset, attempts } = letter;
  const { agent_id, conversation_id, message_id } = letter;
  return {
    ...{ id, door, reason, detail, attempts, agent_id, conversation_id, message_id },
    ...{ topic, partition, offset },
    arrived_at: formatTimestamp(BigInt(letter.arrived_at)),
  };
}

function line(letter: DeadLetterSummary): string {
  const place =
    letter.topic === null ? [] : [`${letter.topic}/${letter.partition}@${letter.offset}`];
  const time = formatTimestamp(BigInt(letter.arrived_at));
  return [letter.id, time, letter.door, letter.reason, ...place, letter.detail].join('  ');
}
