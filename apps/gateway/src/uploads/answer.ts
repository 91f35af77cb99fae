import { type JsonObject, type Receipt } from '@parley/contracts';
import { type FastifyReply } from 'fastify';
import {
  details,
  HttpProblem,
  invalid,
  problem,
  unavailable,
  withHeaders,
} from '../errors/http-problem.js';
import { statusOfReason } from '../errors/known-errors.js';
import { type ReadAfterTokens, type TokenScope } from '../reading/read-after-tokens.js';
import { type Submitted } from './submissions.service.js';

/** An answer in full. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject | readonly JsonObject[];
}

/** Sends an answer as it is. */
export async function send(reply: FastifyReply, answer: Promise<Answer>): Promise<void> {
  const { status, headers, body } = await answer;
  reply.status(status).headers(headers).send(body);
}

/** Where the receipt of a command can be read. */
export function receiptPath(commandId: string): string {
  return `/api/ingest/receipts/${commandId}`;
}

/** What the answer to a single write says in headers: its receipt, and how to read what was written. */
export function singleHeaders(
  tokens: ReadAfterTokens,
  scope: TokenScope,
  submitted: Submitted,
): Readonly<Record<string, string>> {
  return { 'Parley-Receipt': submitted.commandId, ...tokens.headersOf(scope, [submitted]) };
}

/** The answer to a single write whose sender does not want to wait. */
export function accepted(
  { commandId }: Submitted,
  headers: Readonly<Record<string, string>>,
): Answer {
  return {
    status: 202,
    headers: {
      ...headers,
      'Preference-Applied': 'respond-async',
      Location: receiptPath(commandId),
    },
    body: { status: 'accepted', receipt_id: commandId },
  };
}

/** The moment in the form of the documented upload API: whole seconds, Z. */
export function wholeSeconds(micros: number): string {
  return `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19)}Z`;
}

/**
 * The receipt of a command that was accepted; throws the error answer where it was not, or is not decided yet, with
 * these headers. `root` is where the record lies in the request.
 */
export function acceptedReceipt(
  { receipt, requestHash }: Submitted,
  root: readonly (string | number)[],
  headers: Readonly<Record<string, string>> = {},
): Receipt {
  if (!receipt) throw withHeaders(undecided(), headers);
  if (receipt.disposition === 'rejected') throw withHeaders(rejection(receipt, root), headers);
  if (requestHash === null || receipt.request_hash === requestHash) return receipt;
  // Deletion leaves the receipt, but no hash of what was sent.
  throw receipt.request_hash === null ? deletedSince() : keyReused();
}

function undecided(): HttpProblem {
  return unavailable('not_decided_yet', 'not decided in time; sending again is harmless');
}

function rejection({ problem: found }: Receipt, root: readonly (string | number)[]): HttpProblem {
  if (!found) return problem(422, 'bad_request', 'refused');
  if (found.reason === 'idempotency_key_reused') return keyReused();
  const status = statusOfReason(found.reason);
  return status === 422
    ? new HttpProblem(422, { detail: details([found], root) })
    : problem(status, found.reason, found.message);
}

/** What was sent under an Idempotency-Key was deleted, so that nobody can tell whether this is the same. */
export function deletedSince(): HttpProblem {
  return problem(409, 'conversation_deleted', 'was deleted since');
}

/** The answer to an Idempotency-Key that stands for another request (D54). */
export function keyReused(): HttpProblem {
  return invalid({
    loc: ['header', 'Idempotency-Key'],
    msg: 'this key came with another request before',
    type: 'idempotency_key_reused',
  });
}
