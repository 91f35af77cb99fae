import { describe, expect, it } from '@jest/globals';
import { Findings } from './findings.js';

const missing = (line: number) => ({ line, status: 'missing', position: null }) as const;

describe('what was found of a manifest', () => {
  it('comes back line by line, and is counted', () => {
    const findings = new Findings();
    findings.add([missing(1), missing(2)]);
    findings.add([missing(4)]);

    const lines = Buffer.concat([...findings.lines()])
      .toString()
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([1, 2, 4].map(missing));
    expect(findings.summary).toEqual({ present: 0, different: 0, missing: 3, invalid: 0 });
  });

  it('is refused where it is too much to keep', () => {
    const findings = new Findings(100);
    const add = (line: number) => {
      findings.add([missing(line)]);
    };
    add(1);

    expect(() => {
      [2, 3].forEach(add);
    }).toThrow(expect.objectContaining({ status: 413 }));
  });
});
