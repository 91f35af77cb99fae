import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

type Method = (this: object, ...args: unknown[]) => unknown;

/** A method of a class in a compiled file, named from the root of the workspace. */
export interface MethodPlace {
  readonly file: string;
  readonly className: string;
  readonly method: string;
}

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

/**
 * Puts another method in the place of one, in this process, before its main file runs. A method of an app is replaced in
 * that app's processes only. Throws, which ends the process, where there is no such method: a bug that can't be planted
 * must never look like one that was.
 */
export async function replaceMethod(
  { file, className, method }: MethodPlace,
  replace: (original: Method) => Method,
): Promise<void> {
  const [kind, name] = file.split('/');
  const isOfOtherApp = kind === 'apps' && !process.argv[1]?.includes(`/apps/${name}/`);
  if (isOfOtherApp) return;
  await import('reflect-metadata');
  const module = (await import(pathToFileURL(join(ROOT, file)).href)) as Record<
    string,
    { readonly prototype: Record<string, Method> } | undefined
  >;
  const prototype = module[className]?.prototype;
  const original = prototype?.[method];
  if (!prototype || !original) throw new Error(`${file} has no ${className}.${method}`);
  prototype[method] = replace(original);
}
