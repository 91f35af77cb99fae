import { createSecretKey } from 'node:crypto';
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
    const [one, other] = [1, 2].map((fill) => createSecretKey(Buffer.alloc(32, fill)));
    expect(one && digestOf(one, key)).not.toEqual(other && digestOf(other, key));
  });
});
