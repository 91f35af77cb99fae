import { describe, expect, it } from '@jest/globals';
import { COMMANDS_TOPIC, partnerTopic, tenantOfPartnerTopic } from './topics.js';

describe('the topic of a partner', () => {
  it('names its tenant', () => {
    expect(partnerTopic('t_1')).toBe('partners.t_1.conversations.v1');
    expect(tenantOfPartnerTopic(partnerTopic('t_1'))).toBe('t_1');
  });

  it.each([
    COMMANDS_TOPIC,
    '',
    'partners..conversations.v1',
    'partners.conversations.v1',
    'partners.t_1.conversations.v2',
    'x.partners.t_1.conversations.v1',
  ])('is not %j', (topic) => {
    expect(tenantOfPartnerTopic(topic)).toBeNull();
  });
});
