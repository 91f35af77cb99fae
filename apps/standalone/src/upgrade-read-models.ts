import { readModels } from '@parley/domain';
import { isUpgradeDue, rebuildReadModels } from '@parley/event-store';
import { type Logger } from '@parley/platform';
import { type TenantDatabases, type Tenants } from '@parley/tenancy';

/** What an upgrade works on. */
export interface UpgradeParts {
  readonly tenants: Tenants;
  readonly databases: TenantDatabases;
  readonly logger: Logger;
}

/**
 * Begins to bring the read models of each tenant to the version of this release, beside those that are served meanwhile.
 * Where that can't be done they are served as before, and the log says why; what `stop` ends goes on with the next start.
 */
export function startUpgrade(parts: UpgradeParts): { stop(): Promise<void> } {
  const ending = new AbortController();
  const upgrading = upgradeAll(parts, ending.signal);
  return {
    stop: () => {
      ending.abort();
      return upgrading;
    },
  };
}

async function upgradeAll(parts: UpgradeParts, signal: AbortSignal): Promise<void> {
  const { logger } = parts;
  try {
    for (const { id } of await parts.tenants.list()) {
      if (signal.aborted) return;
      await upgrade(parts, id, signal).catch((error: unknown) => {
        if (!signal.aborted)
          logger.error({ err: error, tenant: id }, 'its read models could not be upgraded');
      });
    }
  } catch (error) {
    logger.error({ err: error }, 'read models could not be upgraded');
  }
}

async function upgrade(
  { databases, logger }: UpgradeParts,
  tenant: string,
  signal: AbortSignal,
): Promise<void> {
  const pool = await databases.pool(tenant, 'app');
  if (!(await isUpgradeDue(pool, readModels))) return;
  const place = { pool, adminUrl: await databases.adminUrl(tenant), versions: readModels };
  const { isSwitched, to, events } = await rebuildReadModels(place, { actor: 'upgrade', signal });
  if (isSwitched) logger.info({ tenant, schema: to.name, events }, 'its read models are upgraded');
  else
    logger.error(
      { tenant, schema: to.name },
      'its new read models differ from those that are served: see parley rebuild --tenant',
    );
}
