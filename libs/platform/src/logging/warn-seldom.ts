import { type Logger } from './logger.js';

const EVERY_MS = 60_000;

/** A warning, about one of several tenants where it names one. */
export type Warn = (
  fields: { readonly err?: unknown; readonly tenant?: string | null },
  message: string,
) => void;

/** Warns of what is tried again and again: once a minute at most of each thing, for each tenant. */
export function warnSeldom(logger: Pick<Logger, 'warn'>): Warn {
  const quietUntil = new Map<string, number>();
  return (fields, message) => {
    const key = `${message} ${fields.tenant ?? ''}`;
    const now = performance.now();
    if (now < (quietUntil.get(key) ?? 0)) return;
    quietUntil.set(key, now + EVERY_MS);
    logger.warn(fields, message);
  };
}
