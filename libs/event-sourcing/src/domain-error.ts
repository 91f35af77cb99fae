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

/** Makes the compiler list the cases that are missing; throws should one slip through, without saying what it holds. */
export function assertNever(value: never): never {
  const { type = typeof value } = Object(value) as { readonly type?: unknown };
  throw new Error(`a case is missing: ${String(type)}`);
}
