import { DomainError } from '@parley/event-sourcing';

/** The whole number that an option is given as. */
export function wholeNumber(option: string, text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new DomainError('option/no-number', `${option} is a whole number from 0 on, not “${text}”`);
}
