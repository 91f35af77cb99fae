/**
 * Why a record or a command was refused: one closed list, the same at every door.
 * Clients branch on these; a new one is added here and nowhere else.
 */
export const REASON_CODES = [
  'malformed_json',
  'invalid_utf8',
  'missing_field',
  'wrong_type',
  'out_of_range',
  'too_short',
  'too_long',
  'too_deep',
  'too_large',
  'too_many_keys',
  'too_many_items',
  'control_character',
  'bad_timestamp',
  'unknown_role',
  'nul_character',
  'lone_surrogate',
  'duplicate_key',
  'unsafe_number',
  'unknown_agent',
  'unknown_tenant',
  'conversation_not_found',
  'ambiguous_conversation',
  'conversation_deleted',
  'tenant_mismatch',
  'unsupported_type',
  'type_mismatch',
  'encrypted_archive',
  'nested_archive',
  'unsafe_entry',
  'idempotency_key_reused',
  'redaction_rejected',
  // Records that the bus delivered in a form that nobody here can open: an unknown codec, a corrupt batch, a bomb.
  'undecodable_batch',
  // What no consumer got past: an operator had it skipped.
  'skipped_by_operator',
  // Nothing is wrong with the record: applying it failed by our own fault. Redrive it after a repair.
  'internal_error',
] as const;

/** One of `REASON_CODES`. */
export type ReasonCode = (typeof REASON_CODES)[number];

/** One thing wrong with an input: the reason, the place (keys and indices from the root) and words for people. */
export interface Problem {
  readonly reason: ReasonCode;
  readonly place: readonly (string | number)[];
  readonly message: string;
}
