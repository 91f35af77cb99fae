import { createIngestion } from '@parley/ingestion';
import { createLogger } from '@parley/platform';
import { type BenchInstallation } from './bench-installation.js';
import { Countdown, type Counted } from './countdown.js';

/** Lets ingestion apply so many commands; whether it relays their events to the bus meanwhile, too. */
export async function consume(
  installation: BenchInstallation,
  commands: number,
  isRelay = false,
): Promise<Counted> {
  const applied = new Countdown(commands);
  await installation.settle();
  const app = await createIngestion({
    ...installation,
    logger: createLogger({ service: 'bench', level: 'fatal' }),
    receipts: applied,
    following: isRelay ? ['relay'] : [],
    onFailure: (error) => applied.fail(error),
  });
  const counted = await applied.done;
  await app.close();
  return counted;
}
