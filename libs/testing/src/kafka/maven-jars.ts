import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = '4.3.1';
const OLDEST_JAVA = 17;
// Compiled code finds the file beside its source, too.
const POM = fileURLToPath(new URL('../../src/kafka/pom.xml', import.meta.url));

/** The class path of a broker, from the cache or else from Maven Central; null without Java 17 and Maven. */
export async function brokerClassPath(cache: string): Promise<string | null> {
  if ((await javaVersion()) < OLDEST_JAVA) return null;
  const folder = join(cache, `jars-${VERSION}`);
  if (!existsSync(folder) && !(await resolveJars(cache, folder))) return null;
  const jars = (await readdir(folder)).filter((name) => name.endsWith('.jar')).sort();
  return jars.map((name) => join(folder, name)).join(':');
}

async function javaVersion(): Promise<number> {
  try {
    const { stderr, stdout } = await run('java', ['-version']);
    return Number(/version "(\d+)/.exec(stderr + stdout)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Two runs may do this at once: each fills a folder of its own, and one of them gets the name. */
async function resolveJars(cache: string, folder: string): Promise<boolean> {
  await mkdir(cache, { recursive: true });
  const own = await mkdtemp(join(cache, '.jars-'));
  try {
    await run('mvn', [
      '-q',
      '-B',
      '-f',
      POM,
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${own}`,
    ]);
    await rename(own, folder);
  } catch {
    await rm(own, { recursive: true, force: true });
  }
  return existsSync(folder);
}
