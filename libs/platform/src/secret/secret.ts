import { createHmac, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOrCreatePrivateFile } from './private-file.js';

const SECRET_BYTES = 32;

/** Where the installation secret is: `file` if given (it must exist), else `<home>/secret`, made at first use. */
export interface SecretPlace {
  readonly file?: string;
  readonly home: string;
}

/**
 * The installation secret, from which role passwords and credential digests are derived.
 *
 * The trimmed text of the file is the key, at least 32 bytes. Throws when a given file is missing or too short.
 */
export async function readSecret({ file, home }: SecretPlace): Promise<Buffer> {
  const text = file
    ? await readFile(file, 'utf8')
    : await readOrCreatePrivateFile(join(home, 'secret'), () =>
        randomBytes(SECRET_BYTES).toString('base64url'),
      );
  const secret = Buffer.from(text.trim(), 'utf8');
  if (secret.length < SECRET_BYTES)
    throw new Error(`the secret file holds less than ${SECRET_BYTES} bytes`);
  return secret;
}

/** The password of a database role, base64url, 43 characters; never stored. */
export function derivePassword(secret: Buffer, role: string): string {
  return deriveKey(secret, `database-role:${role}`).toString('base64url');
}

/** A key for one purpose and no other: HMAC-SHA-256 of its name under the installation secret, 32 bytes. */
export function deriveKey(secret: Buffer, purpose: string): Buffer {
  return createHmac('sha256', secret).update(purpose).digest();
}
