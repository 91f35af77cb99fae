import { builtinModules } from 'node:module';

const nodeModules = builtinModules.map((name) => ({ name, message: 'Node is out of reach here.' }));
const handedIn = 'The core is handed the time, the ids and the answers.';

const environment = {
  selector: 'MemberExpression[property.name="env"][object.property.name="process"]',
  message: 'Settings are read once, in a config.ts, and handed in.',
};

/** `process.env` belongs to `config.ts` files. */
export const settingsReadOnce = {
  'no-restricted-properties': [
    'error',
    { object: 'process', property: 'env', message: environment.message },
  ],
  'no-restricted-imports': [
    'error',
    ...['process', 'node:process'].map((name) => ({ name, message: environment.message })),
  ],
  'no-restricted-syntax': ['error', environment],
};

/** Kernel and domain: no clock, no chance, no input or output, nothing that waits. */
export const purity = {
  'no-restricted-imports': [
    'error',
    { paths: nodeModules, patterns: [{ regex: '^node:', message: 'Node is out of reach here.' }] },
  ],
  'no-restricted-globals': [
    'error',
    ...[
      'process',
      'globalThis',
      'global',
      'fetch',
      'crypto',
      'performance',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'queueMicrotask',
    ].map((name) => ({ name, message: handedIn })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: handedIn },
    { object: 'Math', property: 'random', message: handedIn },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: handedIn },
    { selector: 'CallExpression[callee.name="Date"]', message: handedIn },
    { selector: 'AwaitExpression', message: 'The core never waits.' },
    { selector: 'ForOfStatement[await=true]', message: 'The core never waits.' },
  ],
};

/** Titles state behaviour; nothing sleeps. */
export const testHabits = {
  'no-restricted-syntax': [
    'error',
    environment,
    {
      selector:
        'CallExpression[callee.name=/^(it|test|describe)$/] > Literal:first-child[value=/\\bshould\\b/i]',
      message: 'Say what happens, not what should.',
    },
    {
      selector: 'NewExpression[callee.name="Promise"] CallExpression[callee.name="setTimeout"]',
      message: 'Nothing sleeps: use eventually().',
    },
    {
      selector: 'ImportDeclaration[source.value="node:timers/promises"]',
      message: 'Nothing sleeps: use eventually().',
    },
  ],
};
