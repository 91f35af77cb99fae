import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineSplitter } from './line-splitter.js';

function split(chunks: readonly Buffer[], maxBytes = 1000): (string | null)[] {
  const splitter = new LineSplitter(maxBytes);
  const lines = chunks.flatMap((chunk) => [...splitter.push(chunk)]);
  return [...lines, ...splitter.end()].map((line) => line && line.toString());
}

describe('lines of a stream', () => {
  it('are the same however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n'))),
        fc.array(fc.nat({ max: 400 })),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const places = [0, ...cuts.filter((cut) => cut < bytes.length), bytes.length];
          const chunks = places.toSorted((a, b) => a - b);
          const parts = chunks.slice(1).map((end, index) => bytes.subarray(chunks[index], end));
          expect(split(parts)).toEqual(lines);
        },
      ),
    );
  });

  it('need no end after the last one', () => {
    expect(split([Buffer.from('a\nb')])).toEqual(['a', 'b']);
  });

  it('that are too long leave nothing but their place, and spoil no other', () => {
    const parts = ['a\n', 'x'.repeat(600), 'x'.repeat(600), `\nb\n${'y'.repeat(11)}\nc`];

    expect(
      split(
        parts.map((part) => Buffer.from(part)),
        10,
      ),
    ).toEqual(['a', null, 'b', null, 'c']);
  });
});
