import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseTimestamp } from './timestamp.js';

const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

describe('parseTimestamp', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0n, 0],
    ['2024-01-15T10:30:00Z', 1_705_314_600_000_000n, 0],
    ['2024-01-15T10:30:00.5Z', 1_705_314_600_500_000n, 0],
    ['2024-01-15T10:30:00.123456Z', 1_705_314_600_123_456n, 0],
    ['2024-01-15T10:30:00.123456789Z', 1_705_314_600_123_456n, 789],
    ['2024-01-15T10:30:00.000000001Z', 1_705_314_600_000_000n, 1],
    ['2024-01-15t10:30:00z', 1_705_314_600_000_000n, 0],
    ['2024-01-15T12:30:00+02:00', 1_705_314_600_000_000n, 0],
    ['2024-01-15T04:15:00-06:15', 1_705_314_600_000_000n, 0],
    ['2024-01-15T10:30:00-00:00', 1_705_314_600_000_000n, 0],
    ['1969-12-31T23:30:00-01:00', 1_800_000_000n, 0],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000_000n, 0],
    ['2000-02-29T00:00:00Z', 951_782_400_000_000n, 0],
    ['9999-12-31T23:59:59.999999999Z', 253_402_300_799_999_999n, 999],
  ])('reads %s', (text, micros, nanos) => {
    expect(parseTimestamp(text)).toEqual({ micros, nanos });
  });

  it.each([
    ['no zone', '2024-01-15T10:30:00'],
    ['a space', '2024-01-15 10:30:00Z'],
    ['a space and no zone', '2024-01-15 10:30:00'],
    ['a date alone', '2024-01-15'],
    ['no seconds', '2024-01-15T10:30Z'],
    ['a week date', '2024-W03-1T10:30:00Z'],
    ['an ordinal date', '2024-015T10:30:00Z'],
    ['the basic form', '20240115T103000Z'],
    ['a day that does not exist', '2024-02-30T10:30:00Z'],
    ['a leap day of a common year', '2023-02-29T10:30:00Z'],
    ['a leap day of 2100', '2100-02-29T10:30:00Z'],
    ['day 0', '2024-01-00T10:30:00Z'],
    ['the 31st of April', '2024-04-31T10:30:00Z'],
    ['month 0', '2024-00-15T10:30:00Z'],
    ['month 13', '2024-13-15T10:30:00Z'],
    ['hour 24', '2024-01-15T24:00:00Z'],
    ['minute 60', '2024-01-15T10:60:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['an offset of 25 hours', '2024-01-15T10:30:00+25:00'],
    ['an offset of 24 hours', '2024-01-15T10:30:00+24:00'],
    ['an offset of 60 minutes', '2024-01-15T10:30:00+01:60'],
    ['an offset without a colon', '2024-01-15T10:30:00+0100'],
    ['an offset of hours alone', '2024-01-15T10:30:00+01'],
    ['two zones', '2024-01-15T10:30:00Z+01:00'],
    ['a named zone', '2024-01-15T10:30:00 UTC'],
    ['a point without digits', '2024-01-15T10:30:00.Z'],
    ['a comma', '2024-01-15T10:30:00,5Z'],
    ['ten digits', '2024-01-15T10:30:00.1234567890Z'],
    ['the year 0', '0000-01-01T00:00:00Z'],
    ['the year 99', '0099-01-01T00:00:00Z'],
    ['the last second of 1969', '1969-12-31T23:59:59Z'],
    ['an offset that leads before 1970', '1970-01-01T00:00:00+00:01'],
    ['an offset that leads past 9999', '9999-12-31T23:59:59-00:01'],
    ['five digits of a year', '10000-01-01T00:00:00Z'],
    ['a signed year', '+275760-01-01T00:00:00Z'],
    ['now', 'now'],
    ['infinity', 'infinity'],
    ['seconds since 1970', '1705314600'],
    ['nothing', ''],
    ['a blank before', ' 2024-01-15T10:30:00Z'],
    ['a newline after', '2024-01-15T10:30:00Z\n'],
    ['other digits', '２０２４-01-15T10:30:00Z'],
    ['a sign within', '2024-01-15T10:30:-1Z'],
  ])('refuses %s', (_, text) => {
    expect(parseTimestamp(text)).toBeNull();
  });

  it('agrees with Date, to the millisecond', () => {
    const moments = fc.date({ min: new Date(0), max: new Date(LAST_MS), noInvalidDate: true });
    fc.assert(
      fc.property(moments, fc.integer({ min: -1439, max: 1439 }), (date, minutes) => {
        const expected = { micros: BigInt(date.getTime()) * 1000n, nanos: 0 };
        expect(parseTimestamp(date.toISOString())).toEqual(expected);
        const local = new Date(date.getTime() + minutes * 60_000);
        fc.pre(local.getUTCFullYear() <= 9999);
        expect(parseTimestamp(local.toISOString().replace('Z', offset(minutes)))).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads days that exist and no others', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1970, max: 9999 }),
        fc.nat(14),
        fc.nat(33),
        (year, month, day) => {
          const date = `${year}-${pad(month)}-${pad(day)}`;
          const moment = new Date(`${date}T00:00:00Z`);
          const exists = !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(date);
          expect(parseTimestamp(`${date}T00:00:00Z`) !== null).toBe(exists);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

function offset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
