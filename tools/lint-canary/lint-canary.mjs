import { globSync } from 'node:fs';
import { ESLint } from 'eslint';
import { allowed, refused } from './cases.mjs';

/**
 * Proves that lint still bites: each case is linted, with the real settings and nx's project graph,
 * as though it were the text of a real file. Run through nx, which provides that graph.
 */
const root = `${import.meta.dirname}/../..`;
const eslint = new ESLint({ cwd: root });

function place(pattern) {
  if (!pattern.includes('*')) return pattern;
  const [file] = globSync(pattern, { cwd: root, exclude: ['**/node_modules', '**/dist'] });
  if (!file) throw new Error(`No file like ${pattern} to try a case in`);
  return file;
}

async function rulesThatSpeak(pattern, code) {
  const [{ messages }] = await eslint.lintText(code, { filePath: place(pattern) });
  return messages.map(
    (m) => m.ruleId ?? (/noInlineConfig/.test(m.message) ? 'inline-config' : m.message),
  );
}

async function wrong(groups, isRight) {
  const found = [];
  for (const [rule, cases] of Object.entries(groups)) {
    for (const [title, pattern, code] of cases) {
      const rules = await rulesThatSpeak(pattern, code);
      if (!isRight(rules.includes(rule)))
        found.push(`${rule}: ${title} (said: ${rules.join('; ')})`);
    }
  }
  return found;
}

const silent = await wrong(refused, (isReported) => isReported);
const loud = await wrong(allowed, (isReported) => !isReported);
for (const problem of silent) console.error(`not refused by ${problem}`);
for (const problem of loud) console.error(`refused though allowed by ${problem}`);

const total = Object.values(refused).flat().length;
console.log(`lint canary: ${total - silent.length} of ${total} planted defects refused`);
process.exitCode = silent.length + loud.length === 0 ? 0 : 1;
