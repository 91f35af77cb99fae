import { expect, it } from '@jest/globals';
import { isSourceEvent } from './events.js';

it.each([
  ['MessageRevised', true],
  ['MessageSuperseded', false],
  ['RecordConfirmed', false],
  ['SomethingOfALaterRelease', true],
])('whether %s may say something new of what is served: %s', (type, isSource) => {
  expect(isSourceEvent(type)).toBe(isSource);
});
