import { type Bus } from './bus.js';

const LONGEST_SILENCE_MS = 60_000;

/** A consumption of this process hangs: the process must be started anew. */
export class ConsumptionSilentError extends Error {
  override readonly name = 'ConsumptionSilentError';
  readonly code = 'bus/consumption-silent';
}

/** Rejects once a consumption of this process has given no sign of life for a minute; for a check of liveness. */
export async function refuseSilence(bus: Pick<Bus, 'silentForMs'>): Promise<void> {
  const silentForMs = bus.silentForMs();
  if (silentForMs > LONGEST_SILENCE_MS)
    throw new ConsumptionSilentError(`no sign of life for ${Math.round(silentForMs)} ms`);
}
