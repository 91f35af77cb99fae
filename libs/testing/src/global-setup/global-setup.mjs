import { importTypeScript } from '../typescript/typescript-hooks.mjs';

/** Runs once for a whole jest run, before its workers start. */
export default async function setUp(globalConfig, projectConfig) {
  const hooks = importTypeScript();
  const { startTestParts } = await import('./test-parts.ts');
  globalThis.stopTestParts = await startTestParts(globalConfig, projectConfig);
  hooks.deregister();
}
