import { type ReadModelVersion } from '@parley/event-sourcing';
import { type Pool } from 'pg';
import { type TableComparison } from '../rows/rebuild-check.js';
import { isEqual } from './verify.js';

/** What a rebuild works on; `adminUrl` names the tenant's database under an administrator, who alone makes schemas. */
export interface RebuildPlace {
  readonly pool: Pool;
  readonly adminUrl: string;
  readonly versions: readonly ReadModelVersion[];
}

/** Who asks for it, why differences are to be taken where there are any, and what ends it between two steps. */
export interface RebuildRequest {
  readonly actor: string;
  readonly acceptDifferences?: string;
  readonly signal?: AbortSignal;
}

/** Whether a switch may follow from what was compared. */
export function isAcceptable(
  tables: readonly TableComparison[],
  { acceptDifferences }: RebuildRequest,
): boolean {
  return acceptDifferences !== undefined || isEqual(tables);
}
