import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import jsdoc from 'eslint-plugin-jsdoc';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { moduleBoundaries } from './tools/eslint/boundaries.mjs';
import { documentation } from './tools/eslint/documentation.mjs';
import house from './tools/eslint/house-plugin.mjs';
import { purity, settingsReadOnce, testHabits } from './tools/eslint/restrictions.mjs';

/**
 * Who may import what. `uses`: layers beside the project's own files; `packages`: npm packages, any
 * when absent. `@parley/testing` is open to the specs of every layer, to benchmarks, to the proof and to nothing else.
 */
const layers = {
  kernel: { uses: [], packages: [] },
  contract: {
    uses: ['kernel'],
    packages: [
      'ajv',
      'canonicalize',
      'class-transformer',
      'class-validator',
      'class-validator-jsonschema',
      'reflect-metadata',
    ],
  },
  domain: { uses: ['kernel', 'contract'], packages: [] },
  infra: { uses: ['kernel', 'contract', 'infra'] },
  service: { uses: ['kernel', 'contract', 'domain', 'infra'] },
  composition: { uses: ['kernel', 'contract', 'domain', 'infra', 'service'] },
  web: { uses: ['contract'] },
  testing: { uses: ['kernel', 'contract', 'infra'] },
  // Starts the services as processes, so it imports none of them.
  proof: { uses: ['kernel', 'contract', 'domain', 'infra', 'testing'] },
};

const code = ['**/*.ts'];
const specs = ['**/*.spec.ts', '{apps,libs}/*/test/**/*.ts'];
/** Benchmarks measure over the brokers that tests use. */
const benches = ['apps/*/src/bench/**/*.ts'];
const pure = ['libs/event-sourcing/src/**/*.ts', 'libs/domain/src/**/*.ts'];
const counted = { skipBlankLines: true, skipComments: true };

export default defineConfig(
  // Samples are other people's programs, quoted as they stand.
  { ignores: ['**/dist/**', '**/out-tsc/**', '**/coverage/**', '**/test/samples/**'] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    plugins: { '@nx': nx, house },
    rules: {
      'max-lines': ['error', { max: 200, ...counted }],
      'max-params': ['error', 4],
      complexity: ['error', 10],
      'house/function-length': ['error', { max: 40, ...counted }],
      'house/kebab-case-file': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
      '@nx/enforce-module-boundaries': ['error', moduleBoundaries(layers)],
    },
  },
  {
    files: code,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // An async method that never awaits still turns a throw into a rejection, which callers rely on.
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: code, ignores: ['**/config.ts', '**/*.config.ts'], rules: settingsReadOnce },
  { files: ['libs/*/src/**/*.ts'], ignores: specs, ...documentation(jsdoc) },
  { files: pure, ignores: specs, rules: purity },
  {
    files: benches,
    rules: {
      '@nx/enforce-module-boundaries': ['error', moduleBoundaries(layers, { isSpec: true })],
    },
  },
  {
    files: specs,
    rules: {
      ...testHabits,
      'max-lines': ['error', { max: 400, ...counted }],
      '@nx/enforce-module-boundaries': ['error', moduleBoundaries(layers, { isSpec: true })],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], languageOptions: { globals: globals.node } },
  prettier,
);
