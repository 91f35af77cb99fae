import { beforeAll, describe, expect, it } from '@jest/globals';
import { type HeaderFields } from '@parley/contracts';
import { type DetectConfiguration, loadDetection } from './detect-language.js';
import { statedConfiguration } from './stated-language.js';

const header = (fields: object): HeaderFields => ({
  timestamp: '2026-01-15T10:30:00Z',
  is_resolved: false,
  ...fields,
});

describe('the language that a header names', () => {
  it.each([
    [{ user_data: { language: 'de' } }, 'german'],
    [{ user_data: { language: 'de-AT' } }, 'german'],
    [{ user_data: { preferences: { language: 'fr_CA' } } }, 'french'],
    [{ user_data: { locale: 'nb-NO' } }, 'norwegian'],
    [{ language: 'PT-br' }, 'portuguese'],
    [{ language: 'en', user_data: { language: 'sv' } }, 'swedish'],
    [{ user_data: { language: 'ja' } }, 'simple'],
    [{ user_data: { language: 'pl' } }, 'simple'],
  ])('of %j is %s', (fields, expected) => {
    expect(statedConfiguration(header(fields))).toBe(expected);
  });

  it.each([
    {},
    { user_data: null },
    { user_data: { language: 'English' } },
    { user_data: { language: '' } },
    { user_data: { language: ['de'] } },
    { user_data: { language: 'und' } },
    { user_data: { preferences: [] } },
    { language: 'x'.repeat(10_000) },
  ])('is not known from %j', (fields) => {
    expect(statedConfiguration(header(fields))).toBeNull();
  });
});

describe('the language of a text', () => {
  let detect: DetectConfiguration;
  beforeAll(async () => {
    detect = await loadDetection();
  }, 60_000);

  it.each([
    ['The app keeps crashing when I log in', 'english'],
    ['Ich möchte eine Rückerstattung', 'german'],
    ['Je voudrais un remboursement', 'french'],
    ['Quiero un reembolso', 'spanish'],
    ['Por favor cancelem a minha assinatura', 'portuguese'],
    ['Ik wil graag met een medewerker spreken', 'dutch'],
    ['Здравствуйте, мне нужна помощь', 'russian'],
    ['Halo, saya butuh bantuan', 'indonesian'],
    ['Cześć, potrzebuję pomocy', 'simple'],
    ['返金はいつですか', 'simple'],
    ['我要退款', 'simple'],
  ])('of %j is %s', (text, expected) => {
    expect(detect(text)).toBe(expected);
  });

  it.each(['', '12345', '👍', 'https://example.com/a/b?c=1'])('is not clear of %j', (text) => {
    expect(detect(text)).toBeNull();
  });
});
