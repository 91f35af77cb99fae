import { clockSkewMs } from './config.js';

/** The process believes in another time, everywhere but in its timers. */
const skew = clockSkewMs();
const real = Date.now.bind(Date);

class SkewedDate extends Date {
  constructor(...args: unknown[]) {
    super(...((args.length === 0 ? [real() + skew] : args) as []));
  }

  static override now(): number {
    return real() + skew;
  }
}

globalThis.Date = SkewedDate as DateConstructor;
