import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, loadConfig } from './load-config.js';

const schema = z.object({
  PORT: z.coerce.number().int().max(65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: z.url().optional(),
});

describe('loadConfig', () => {
  it('fills in defaults, also for variables that are set to nothing', () => {
    expect(loadConfig(schema, { PORT: '8080', HOST: '' })).toEqual({
      PORT: 8080,
      HOST: '127.0.0.1',
    });
  });

  it('names all problems in one message without repeating a value', () => {
    const load = () => loadConfig(schema, { PORT: 'secret-a', DATABASE_URL: 'secret-b' });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/PORT: .*\n.*DATABASE_URL: /);
    expect(load).not.toThrow(/secret/);
  });
});
