import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

/** A piece of a compiled file, named from the root of the workspace, and what stands there instead. */
export interface SourceChange {
  readonly file: string;
  readonly from: string | RegExp;
  readonly to: string;
}

/** Changes a compiled file as this process loads it. Throws, which ends the process, where the piece is not there. */
export function replaceSource({ file, from, to }: SourceChange): void {
  const target = pathToFileURL(join(ROOT, file)).href;
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (url !== target) return loaded;
      const source = Buffer.from(loaded.source as Uint8Array).toString('utf8');
      const changed = source.replace(from, to);
      if (changed === source) throw new Error(`${file} has no ${String(from)}`);
      return { ...loaded, source: changed };
    },
  });
}
