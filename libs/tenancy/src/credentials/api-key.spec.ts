import { describe, expect, it } from '@jest/globals';
import { createApiKey, digestOf, isApiKey } from './api-key.js';

describe('an API key', () => {
  it('is avk_ and 38 characters of base62, never the same', () => {
    const keys = Array.from({ length: 200 }, createApiKey);
    expect(keys.filter((key) => !/^avk_[0-9A-Za-z]{38}$/.test(key) || !isApiKey(key))).toEqual([]);
    expect(new Set(keys).size).toBe(200);
  });

  it('carries a checksum that tells every single wrong character', () => {
    const key = createApiKey();
    for (let place = 4; place < key.length; place += 1) {
      const wrong = key[place] === 'x' ? 'y' : 'x';
      expect(isApiKey(`${key.slice(0, place)}${wrong}${key.slice(place + 1)}`)).toBe(false);
    }
  });

  it('has another digest under another secret', () => {
    const key = createApiKey();
    expect(digestOf(Buffer.alloc(32, 1), key)).not.toEqual(digestOf(Buffer.alloc(32, 2), key));
  });
});
