import { basename } from 'node:path';
import { builtinRules } from 'eslint/use-at-your-own-risk';

const maxLines = builtinRules.get('max-lines-per-function');
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.(ts|tsx|js|mjs)$/;

/** The first name of `describe(…)`, `describe.skip(…)`, `describe.each(…)(…)`. */
function calledName(node) {
  const inner = node.callee ?? node.object ?? node.tag;
  return inner ? calledName(inner) : node.name;
}

/** A suite is a list of tests, not a function that someone reads as one thing. */
function isSuite({ id, parent }) {
  const name = id ? id.name : parent.type === 'CallExpression' && calledName(parent);
  return /^describe/.test(name);
}

/** ESLint's own `max-lines-per-function`, which has no way to leave out test suites. */
const functionLength = {
  meta: maxLines.meta,
  create(context) {
    const report = (problem) => {
      if (!isSuite(problem.node)) context.report(problem);
    };
    return maxLines.create(Object.create(context, { report: { value: report } }));
  },
};

const kebabCaseFile = {
  meta: { type: 'layout', schema: [], messages: { name: 'Name files kebab-case.role.ts.' } },
  create: (context) => ({
    Program(node) {
      if (!kebabCase.test(basename(context.filename))) context.report({ node, messageId: 'name' });
    },
  }),
};

/** The rules of this house that no maintained plugin has. */
export default {
  rules: { 'function-length': functionLength, 'kebab-case-file': kebabCaseFile },
};
