import { type Problem } from './reason-codes.js';

/** What became of a command. */
export type Disposition =
  'created' | 'updated' | 'identical' | 'superseded' | 'waiting' | 'rejected';

/**
 * The answer to "what became of my command". Kept 7 days.
 *
 * `stream_version` and `position` are those of the last event the command led to, or of the one that made it
 * identical; null where nothing is in the log. `created_at` is when the conversation or message was first recorded,
 * `decided_at` when the command was decided; both in microseconds since 1970. `masked` names what redaction masked, by place
 * and rule.
 */
export interface Receipt {
  readonly command_id: string;
  readonly attempt_id: string;
  readonly disposition: Disposition;
  readonly stream_id: string | null;
  readonly stream_version: number | null;
  readonly position: number | null;
  readonly content_hash: string | null;
  readonly request_hash: string | null;
  readonly warnings: readonly string[];
  readonly masked: readonly string[];
  readonly problem: Problem | null;
  readonly created_at: number | null;
  readonly decided_at: number;
}
