const lines = (count, line = (n) => `export const n${n} = ${n};`) =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');
const functionOf = (count) => `export function f() {\n${lines(count - 2, () => 'f();')}\n}`;
const branches = (count) =>
  `export function f(n: number) {\n${lines(count, (n) => `if (n === ${n}) f(${n});`)}\n}`;

const kernel = 'libs/event-sourcing/src/index.ts';
const contract = 'libs/contracts/src/index.ts';
const domain = 'libs/domain/src/index.ts';
const infra = 'libs/platform/src/index.ts';
const service = 'apps/gateway/src/index.ts';
const composition = 'apps/standalone/src/index.ts';
const spec = 'libs/platform/**/*.spec.ts';
const config = '{apps,libs}/*/src/**/config.ts';

const boundaries = '@nx/enforce-module-boundaries';
const importing = (name) => `import * as it from '${name}';\nexport default it;`;

/**
 * Code that must be refused, grouped by the rule that must say so: `[what it does, where it would
 * stand, code]`. A pattern stands for the first file of that name.
 */
export const refused = {
  [boundaries]: [
    ['the kernel imports a package', kernel, importing('uuid')],
    ['the kernel imports contracts', kernel, importing('@parley/contracts')],
    ['contracts import a package that is not theirs', contract, importing('@nestjs/common')],
    ['contracts import the domain', contract, importing('@parley/domain')],
    ['the domain imports a package', domain, importing('@nestjs/common')],
    ['the domain imports infrastructure', domain, importing('@parley/event-store')],
    ['infrastructure imports the domain', infra, importing('@parley/domain')],
    ['an app imports an app', service, importing('@parley/ingestion')],
    ['an app imports another by path', service, importing('../../ingestion/src/index.js')],
    ['shipped code imports the testing library', infra, importing('@parley/testing')],
    ['an app imports an undeclared package', service, importing('left-pad')],
  ],
  'no-restricted-imports': [
    ['the domain imports Node', domain, importing('node:crypto')],
    ['the kernel imports Node under its old name', kernel, importing('crypto')],
    ['a service takes the environment by import', service, importing('node:process')],
  ],
  'no-restricted-globals': [
    ['the domain sets a timer', domain, 'setTimeout(() => {}, 1);'],
    ['the domain fetches', domain, 'export const answer = fetch;'],
    ['the kernel asks the process', kernel, 'export const pid = process.pid;'],
  ],
  'no-restricted-properties': [
    ['the domain reads the clock', domain, 'export const now = Date.now();'],
    ['the domain throws dice', domain, 'export const dice = Math.random();'],
    ['a service reads the environment', service, 'export const home = process.env.HOME;'],
    ['a service unpacks the environment', service, 'export const { env } = process;'],
    ['a spec reads the environment', spec, 'export const home = process.env.HOME;'],
  ],
  'no-restricted-syntax': [
    ['the domain makes a date from the clock', domain, 'export const now = new Date();'],
    ['the domain waits', domain, 'export const f = async () => { await Promise.resolve(); };'],
    ['a service reaches around', service, 'export const env = globalThis.process.env;'],
    ['a test says should', spec, 'it("should work", () => {});'],
    ['a test sleeps', spec, 'export const p = new Promise((r) => setTimeout(r, 5));'],
  ],
  'max-lines': [
    ['a file of 201 lines', service, lines(201)],
    ['a spec of 401 lines', spec, lines(401)],
  ],
  'house/function-length': [
    ['a function of 41 lines', service, functionOf(41)],
    ['a test of 41 lines', spec, `it('is long', () => {\n${lines(39, () => 'it();')}\n});`],
  ],
  'house/kebab-case-file': [['a file in camel case', 'tools/camelCase.mjs', '']],
  'max-params': [
    ['five parameters', service, 'export const f = (a: 1, b: 1, c: 1, d: 1, e: 1) => a;'],
  ],
  complexity: [['eleven ways through', service, branches(10)]],
  'jsdoc/require-jsdoc': [
    ['an undocumented function', infra, 'export function f() {}'],
    ['an undocumented constant', infra, 'export const f = 1;'],
    ['an undocumented type', contract, 'export interface F { f: string }'],
  ],
  'no-warning-comments': [['a note to come back', service, '// Todo: finish this']],
  '@typescript-eslint/no-floating-promises': [['a loose promise', service, 'Promise.resolve();']],
  '@typescript-eslint/consistent-type-imports': [
    [
      'a type imported as a value',
      service,
      "import { Bus } from '@parley/messaging'; export let b: Bus;",
    ],
  ],
  '@typescript-eslint/ban-ts-comment': [
    ['the compiler told to look away', service, '// @ts-ignore'],
  ],
  'inline-config': [
    ['a rule switched off in place', service, '/* eslint-disable */\nexport const f = 1;'],
  ],
};

/** Code that the same rules must let pass, so that a rule that refuses everything is noticed too. */
export const allowed = {
  [boundaries]: [
    ['contracts import a package of theirs', contract, importing('ajv')],
    ['the domain imports contracts', domain, importing('@parley/contracts')],
    ['an app imports infrastructure and packages', service, importing('@parley/messaging')],
    ['standalone imports an app', composition, importing('@parley/gateway')],
    ['a spec imports the testing library', spec, importing('@parley/testing')],
    ['a spec imports a package for tests', 'libs/domain/**/*.spec.ts', importing('fast-check')],
  ],
  'no-restricted-properties': [
    ['settings read the environment', config, 'export const home = process.env.HOME;'],
  ],
  'max-lines': [
    ['a file of 200 lines', service, lines(200)],
    ['a spec of 400 lines', spec, lines(400)],
  ],
  'house/function-length': [
    ['a function of 40 lines', service, functionOf(40)],
    ['a suite of 41 lines', spec, `describe('all', () => {\n${lines(39, () => 'it();')}\n});`],
  ],
};
