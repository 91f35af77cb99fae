import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';
import { swcOptions } from './swc-options.mjs';

const OWN_TYPESCRIPT = /^file:(?!.*\/node_modules\/).*\.ts$/;

function resolve(specifier, context, next) {
  const withSources = { ...context, conditions: [...context.conditions, '@parley/source'] };
  if (specifier.startsWith('.') && specifier.endsWith('.js')) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(source)) return next(source.href, withSources);
  }
  return next(specifier, withSources);
}

function load(url, context, next) {
  if (!OWN_TYPESCRIPT.test(url)) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = transformSync(readFileSync(filename, 'utf8'), { filename, ...swcOptions });
  return { format: 'module', source: code, shortCircuit: true };
}

/** jest imports its global setup without its own transforms: this lets it import the workspace's sources as specs do. */
export function importTypeScript() {
  return registerHooks({ resolve, load });
}
