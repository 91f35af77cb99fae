/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object; key order is the sender's. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}
