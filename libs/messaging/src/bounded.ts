import { BusAccessDeniedError, BusUnavailableError } from './bus.js';
import { UnknownTopicError } from './topic-registry.js';

export { endedWithin } from '@parley/platform';

/** What `work` answers; a `BusUnavailableError` when it takes longer or fails, but for what only people can mend. */
export async function answeredWithin<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const late = timer<never>(timeoutMs, (_, reject) =>
    reject(new Error(`no answer within ${timeoutMs} ms`)),
  );
  try {
    return await Promise.race([work, late.promise]);
  } catch (cause) {
    if (cause instanceof UnknownTopicError || cause instanceof BusAccessDeniedError) throw cause;
    throw new BusUnavailableError('the bus can’t be reached', { cause });
  } finally {
    late.clear();
  }
}

function timer<T>(
  ms: number,
  ring: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): { promise: Promise<T>; clear(): void } {
  let timeout: NodeJS.Timeout | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    timeout = setTimeout(() => ring(resolve, reject), ms);
  });
  return { promise, clear: () => clearTimeout(timeout) };
}
