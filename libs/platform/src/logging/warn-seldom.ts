import { type Logger } from './logger.js';

const EVERY_MS = 60_000;

/** A warning, about one of several things where a key says which. */
export type Warn = (fields: object, message: string, key?: string) => void;

/** Warns of what is tried again and again: once a minute at most for each key. */
export function warnSeldom(logger: Pick<Logger, 'warn'>): Warn {
  const quietUntil = new Map<string, number>();
  return (fields, message, key = '') => {
    const now = performance.now();
    if (now < (quietUntil.get(key) ?? 0)) return;
    quietUntil.set(key, now + EVERY_MS);
    logger.warn(fields, message);
  };
}
