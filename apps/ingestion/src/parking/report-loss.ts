import { addAuditEvent } from '@parley/event-store';
import { counter, type Logger } from '@parley/platform';
import { type Parked, type TenantDatabases } from '@parley/tenancy';

/** Offsets from `from` to just below `to` that the bus no longer has. */
export interface LostRange {
  readonly from: number;
  readonly to: number;
}

/** Tells the operator, and the tenant's audit events, of records that the bus forgot before they could be applied. */
export type LossReporter = (place: Parked, lost: LostRange) => Promise<void>;

const losses = () =>
  counter({
    name: 'parley_parked_ranges_lost_to_retention_total',
    help: 'Ranges of a parked tenant’s records that the bus forgot before they were applied',
    labelNames: ['tenant'],
  });

/** Reports into the log, the metrics and the tenant's own database. */
export function lossReporter(databases: TenantDatabases, logger: Logger): LossReporter {
  return async ({ tenant, source: { topic, partition }, parkedAt }, { from, to }) => {
    const details = { topic, partition, from, to, parked_at: parkedAt.toISOString() };
    losses().inc({ tenant });
    logger.error(
      { code: 'records_lost_to_retention', tenant, ...details },
      'the database was away for longer than the bus keeps records: these are lost, the rest is applied',
    );
    await addAuditEvent(await databases.pool(tenant, 'app'), {
      ...{ actor: 'ingestion', action: 'records.lost-to-retention' },
      ...{ subject: `${topic}/${partition}`, details },
    });
  };
}
