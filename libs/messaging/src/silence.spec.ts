import { describe, expect, it } from '@jest/globals';
import { refuseSilence } from './silence.js';

describe('the silence of consumptions', () => {
  it('is refused after a minute', async () => {
    await refuseSilence({ silentForMs: () => 60_000 });
    await expect(refuseSilence({ silentForMs: () => 60_001 })).rejects.toMatchObject({
      code: 'bus/consumption-silent',
    });
  });
});
