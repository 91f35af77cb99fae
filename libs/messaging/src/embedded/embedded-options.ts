import { type LostRecords } from '../bus.js';
import { type Backoff } from '../consumption-state.js';

/** Where the embedded bus is and how it behaves. */
export interface EmbeddedBusOptions {
  /** PostgreSQL URL of the bus's own database, by a role that owns it. */
  readonly url: string;
  /** How long a member that fell silent keeps a group from the others; 10,000 by default. */
  readonly leaseMs?: number;
  /** How often members look for what no notification told them; 1,000 by default. */
  readonly pollMs?: number;
  /** Between the tries of a chunk; platform's `backoffMs` by default. */
  readonly backoff?: Backoff;
  /** Told once of each gap. */
  readonly onLost?: (lost: LostRecords) => void;
}
