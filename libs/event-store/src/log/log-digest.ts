import { createHmac, createSecretKey } from 'node:crypto';
import { type Queryable } from './log-reader.js';

/** HMAC-SHA256 of a text with the key of a tenant's log, hex. The key goes where the log goes. */
export type Digest = (text: string) => string;

/** The digest with a key. */
export function digestWith(key: Buffer): Digest {
  const secret = createSecretKey(key);
  return (text) => createHmac('sha256', secret).update(text).digest('hex');
}

/** The digest of a tenant's log. The role of readers has no right to its key. */
export async function readDigest(db: Queryable): Promise<Digest> {
  const { rows } = await db.query<{ digest_key: Buffer }>('SELECT digest_key FROM log_identity');
  if (!rows[0]) throw new Error('the log has no identity: initializeLog() was never called');
  return digestWith(rows[0].digest_key);
}
