import { expect, it } from '@jest/globals';
import { createLogger } from '@parley/platform';
import { type CheckedParts, checkTopics } from './topic-check.js';

const logger = createLogger({ service: 'test', level: 'silent' });
const bus = {
  id: 'bus',
  incarnation: async () => 1,
  ends: async () => [{ partition: 0, highWater: 5, logStart: 0 }],
};

const check = (query: () => Promise<unknown>) => {
  const databases = { pool: async () => ({ query }) };
  const tenants = { list: async () => Array.from({ length: 50 }, (_, n) => ({ id: `t${n}` })) };
  return checkTopics({ bus, databases, logger, tenants } as unknown as CheckedParts &
    Parameters<typeof checkTopics>[0]);
};

it('leaves out tenants whose databases never answer', async () => {
  await expect(check(() => new Promise(() => undefined))).resolves.toBeUndefined();
});

it('leaves out tenants whose databases refuse', async () => {
  await expect(check(() => Promise.reject(new Error('refused')))).resolves.toBeUndefined();
});

it('refuses a bus that ends before what was applied', async () => {
  const ahead = async () => ({ rows: [{ partition: 0, next: '6' }] });
  await expect(check(ahead)).rejects.toMatchObject({ code: 'offset/ahead-of-bus' });
});
