import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeHeaders, encodeHeaders } from './header-codec.js';

describe('headers on the embedded bus', () => {
  it('come back as they were sent, in their order', () => {
    const headers = fc.dictionary(fc.string(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(headers, (sent) => {
        const got = decodeHeaders(encodeHeaders(sent));
        const texts = Object.entries(got).map(([name, value]) => [name, value?.toString()]);
        expect(texts).toEqual(Object.entries(sent));
      }),
    );
  });

  it('stay bytes where they are no text', () => {
    const bytes = encodeHeaders({ name: '??' });
    bytes.set([0xc3, 0x28], bytes.length - 2);
    expect(decodeHeaders(bytes)).toEqual({ name: Buffer.from([0xc3, 0x28]) });
  });

  it('may lack a value', () => {
    const name = encodeHeaders({ name: '' }).subarray(0, -4);
    const bytes = Buffer.concat([name, Buffer.from([255, 255, 255, 255])]);
    expect(decodeHeaders(bytes)).toEqual({ name: undefined });
  });
});
