import { REASON_CODES, type ReasonCode } from '@parley/contracts';
import { isTransient } from '@parley/event-store';
import { details, type HttpProblem, invalid, problem, unavailable } from './http-problem.js';

const STATUS: Readonly<Partial<Record<ReasonCode, number>>> = {
  conversation_not_found: 404,
  ambiguous_conversation: 409,
  conversation_deleted: 409,
  internal_error: 500,
};

/** The status that a refusal of a rule is answered with. */
export function statusOfReason(reason: ReasonCode): number {
  return STATUS[reason] ?? 422;
}

/** The answer to an error that carries one of our codes; null where it carries none. */
export function problemOfCode(error: unknown): HttpProblem | null {
  const code = codeOf(error);
  if (code === 'bus/unavailable') {
    return unavailable('unavailable', 'the message bus is away; sending again is harmless');
  }
  if (code === 'bus/record-too-large') {
    return invalid({ loc: ['body'], msg: 'larger than one record may be', type: 'too_large' });
  }
  if (code === 'credential/invalid') {
    return invalid({ loc: ['body'], msg: (error as Error).message, type: 'out_of_range' });
  }
  const reason = REASON_CODES.find((known) => known === code);
  return reason ? refusal(reason, (error as Error).message) : null;
}

function refusal(reason: ReasonCode, message: string): HttpProblem {
  const status = statusOfReason(reason);
  return status === 422
    ? invalid(...details([{ reason, place: [], message }]))
    : problem(status, reason, message);
}

// What a pool says that is being closed, or of a statement that took too long.
const GAVE_UP = /timeout expired|calling end on the pool/i;

/** True where PostgreSQL or the network is away or out of room: the caller did nothing wrong and may try again. */
export function isOutage(error: unknown): boolean {
  if (isTransient(error) || codeOf(error) === '57014') return true;
  return error instanceof Error && GAVE_UP.test(error.message);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
