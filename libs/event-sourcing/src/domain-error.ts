/** A rule said no. Branch on `code` (a reason code), never on the message, which is for people. */
export class DomainError<Code extends string = string> extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: Code,
    message: string,
  ) {
    super(message);
  }
}

/** Makes the compiler list the cases that are missing; throws should one slip through at run time. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
