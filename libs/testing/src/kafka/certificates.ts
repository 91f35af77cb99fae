import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const USES = 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n';

/** Makes with openssl, in `folder`: an authority (`ca.pem`) and certificates of it, as `<name>.crt`, `.key` and both in `.pem`. */
export async function makeCertificates(folder: string, names: readonly string[]): Promise<void> {
  const at = (name: string) => join(folder, name);
  const fresh = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`];
  const authority = ['-days', '2', '-keyout', at('ca.key'), '-out', at('ca.pem')];
  await run('openssl', ['req', '-x509', ...fresh('test-authority'), ...authority]);
  await writeFile(at('uses'), USES);
  for (const name of names) {
    const request = ['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)];
    await run('openssl', ['req', ...fresh(name), ...request]);
    const signing = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
    const files = ['-in', at(`${name}.csr`), '-extfile', at('uses'), '-out', at(`${name}.crt`)];
    await run('openssl', ['x509', '-req', ...signing, ...files]);
    const both = await Promise.all([readFile(at(`${name}.key`)), readFile(at(`${name}.crt`))]);
    await writeFile(at(`${name}.pem`), Buffer.concat(both));
  }
}
