import { type Bus } from '@parley/messaging';
import { LogWorker, type LogWorkerParts } from '../following/log-worker.js';
import { relayTenant } from './relay-tenant.js';

/** What the relay stands on. */
export type RelayParts = Omit<LogWorkerParts, 'follow' | 'complaint'> & { readonly bus: Bus };

/** Brings the logs of all tenants to the bus, each in its order. */
export function createRelay({ bus, ...parts }: RelayParts): LogWorker {
  return new LogWorker({
    ...parts,
    follow: (followed, signal) => relayTenant({ ...followed, bus }, signal),
    complaint: 'events wait: what publishes them is away',
  });
}
