import { swcOptions } from './libs/testing/src/typescript/swc-options.mjs';

/** Shared jest preset: native ESM, swc with legacy decorators + decorator metadata, workspace packages from source. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@parley/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  moduleNameMapper: { '^(\\.{1,2}/.*(?<!\\.json))\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', swcOptions],
  },
  globalSetup: new URL('./libs/testing/src/global-setup/global-setup.mjs', import.meta.url)
    .pathname,
  globalTeardown: new URL('./libs/testing/src/global-setup/global-teardown.mjs', import.meta.url)
    .pathname,
  setupFiles: [new URL('./jest.setup.js', import.meta.url).pathname],
  testMatch: ['<rootDir>/{src,test}/**/*.spec.ts'],
  injectGlobals: false,
  coverageProvider: 'v8',
  clearMocks: true,
  testTimeout: 30_000,
};
