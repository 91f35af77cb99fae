/** These bytes can't be read; the message says why in words that hold none of them. */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError';
  readonly code = 'bus/undecodable';
}

/** These bytes would expand beyond the bound; it has the code that `node:zlib` gives to the same. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
  readonly code = 'ERR_BUFFER_TOO_LARGE';
}
