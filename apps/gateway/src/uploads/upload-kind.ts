import { type Decoded, type IngestionCommand, type Json, type JsonObject } from '@parley/contracts';

/** What sets one kind of upload apart: how it is read, and how what was sent is echoed. */
export interface UploadKind<C extends IngestionCommand> {
  /** `now` in milliseconds since 1970. */
  decode(value: Json, now: number): Decoded<C>;
  /** The sent fields under their documented names, in the documented order. */
  echo(command: C): JsonObject;
}
