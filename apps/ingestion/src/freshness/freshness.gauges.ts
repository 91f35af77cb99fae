import { gauge } from '@parley/platform';
import { type DoorFreshness, type TenantFreshness } from '@parley/tenancy';

const ofTenant = (name: string, help: string) => () =>
  gauge({ name, help, labelNames: ['tenant'] });
const ofDoor = (name: string, help: string) => () =>
  gauge({ name, help, labelNames: ['tenant', 'door'] });

const TENANT = {
  up: ofTenant('parley_tenant_database_up', '1 where the tenant’s database answers'),
  head: ofTenant('parley_log_head', 'The last position of the tenant’s log'),
  unpublished: ofTenant('parley_unpublished_events', 'Events that the relay has not published'),
  partitions: ofTenant('parley_parked_partitions', 'Partitions on which the tenant is parked'),
};

const DOOR = {
  records: ofDoor('parley_lag_records', 'Records that are durable and not applied'),
  seconds: ofDoor('parley_lag_seconds', 'Age of the oldest record that is not applied'),
  parked: ofDoor('parley_parked_records', 'Records passed over, of those that are not applied'),
  waiting: ofDoor('parley_waiting_records', 'Messages that wait for their conversation'),
  oldest: ofDoor('parley_waiting_seconds', 'Age of the oldest message that waits'),
  letters: ofDoor('parley_dead_letters', 'Records that could not be applied'),
};

/** Forgets all values: tenants come and go. */
export function resetFreshness(): void {
  for (const metric of [...Object.values(TENANT), ...Object.values(DOOR)]) metric().reset();
}

/** Shows how fresh a tenant is; what its database alone knows has no value while that is away. */
export function showFreshness(tenant: string, freshness: TenantFreshness): void {
  const { database, log, parked, doors, measured_at } = freshness;
  TENANT.up().set({ tenant }, database === 'up' ? 1 : 0);
  TENANT.partitions().set({ tenant }, parked.partitions);
  if (log) {
    TENANT.head().set({ tenant }, log.head);
    TENANT.unpublished().set({ tenant }, log.unpublished);
  }
  for (const door of doors) showDoor(tenant, door, Date.parse(measured_at));
}

function showDoor(tenant: string, freshness: DoorFreshness, now: number): void {
  const { door, lag, parked, waiting, dead_letters } = freshness;
  const labels = { tenant, door };
  DOOR.records().set(labels, lag.records);
  DOOR.seconds().set(labels, lag.seconds);
  DOOR.parked().set(labels, parked);
  if (dead_letters) DOOR.letters().set(labels, dead_letters.records);
  if (!waiting) return;
  const oldest = waiting.oldest_at === null ? now : Date.parse(waiting.oldest_at);
  DOOR.waiting().set(labels, waiting.records);
  DOOR.oldest().set(labels, Math.max(0, now - oldest) / 1000);
}
