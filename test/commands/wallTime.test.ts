import fc from 'fast-check';
import { localAt, resolveWallTime } from '../../src/commands/wallTime.ts';

const at = (localStart: string, zone: string, policy?: 'strict' | 'rfc5545') => resolveWallTime({ localStart, zone, durationMinutes: 60 }, policy);

describe('a wall time', () => {
  it('is an instant in its zone, before and after clocks change', () => {
    expect(at('2026-03-28T18:00', 'Europe/Berlin')).toEqual({
      localStart: '2026-03-28T18:00', zone: 'Europe/Berlin', durationMinutes: 60, startsAt: '2026-03-28T17:00:00.000Z', endsAt: '2026-03-28T18:00:00.000Z',
    });
    expect(at('2026-03-29T18:00', 'Europe/Berlin').startsAt).toBe('2026-03-29T16:00:00.000Z');
    expect(at('2026-07-01T12:00', 'Asia/Kathmandu').startsAt).toBe('2026-07-01T06:15:00.000Z');
  });

  it('that is skipped is refused with both readings, or read with the offset before the gap', () => {
    expect(() => at('2026-03-29T02:30', 'Europe/Berlin')).toThrow(expect.objectContaining({
      code: 'wallTimeSkipped',
      details: { readings: [
        { localStart: '2026-03-29T01:30', offset: '+01:00', startsAt: '2026-03-29T00:30:00.000Z' },
        { localStart: '2026-03-29T03:30', offset: '+02:00', startsAt: '2026-03-29T01:30:00.000Z' },
      ] },
    }));
    expect(at('2026-03-29T02:30', 'Europe/Berlin', 'rfc5545')).toMatchObject({ localStart: '2026-03-29T03:30', startsAt: '2026-03-29T01:30:00.000Z' });
  });

  it('that exists twice is refused with both readings, or is the first', () => {
    expect(() => at('2026-10-25T02:30', 'Europe/Berlin')).toThrow(expect.objectContaining({
      code: 'wallTimeAmbiguous',
      details: { readings: [
        { localStart: '2026-10-25T02:30', offset: '+02:00', startsAt: '2026-10-25T00:30:00.000Z' },
        { localStart: '2026-10-25T02:30', offset: '+01:00', startsAt: '2026-10-25T01:30:00.000Z' },
      ] },
    }));
    expect(at('2026-10-25T02:30', 'Europe/Berlin', 'rfc5545').startsAt).toBe('2026-10-25T00:30:00.000Z');
  });

  it('names its zone as IANA does: no offset, no timestamp with a zone in it', () => {
    expect(at('2026-03-02T18:00', 'Etc/GMT+5').startsAt).toBe('2026-03-02T23:00:00.000Z');
    for (const zone of ['+05:30', '2026-01-01T00:00[Europe/Kyiv]', '', 'Europe/Nowhere', '../UTC']) expect(() => at('2026-03-02T18:00', zone)).toThrow(expect.objectContaining({ code: 'unknownTimeZone' }));
  });

  it('lies before the year 3000: beyond, an instant could be one that no store reads', () => {
    expect(at('2999-12-31T23:00', 'UTC').endsAt).toBe('3000-01-01T00:00:00.000Z');
    for (const localStart of ['3000-01-01T00:00', '9999-12-31T23:00']) expect(() => at(localStart, 'UTC')).toThrow(expect.objectContaining({ code: 'invalidWallTime' }));
  });

  it('follows zones that move by half an hour, or leave out a whole day', () => {
    expect(() => at('2026-10-04T02:15', 'Australia/Lord_Howe')).toThrow(expect.objectContaining({ code: 'wallTimeSkipped' }));
    expect(() => at('2026-04-05T01:45', 'Australia/Lord_Howe')).toThrow(expect.objectContaining({ code: 'wallTimeAmbiguous' }));
    expect(() => at('2011-12-30T12:00', 'Pacific/Apia')).toThrow(expect.objectContaining({ code: 'wallTimeSkipped' }));
  });

  it.each([
    ['2026-02-30T10:00', 'Europe/Berlin', 'invalidWallTime'], ['2026-13-01T10:00', 'Europe/Berlin', 'invalidWallTime'], ['soon', 'Europe/Berlin', 'invalidWallTime'],
    ['2026-03-01T10:00', 'Europe/Atlantis', 'unknownTimeZone'], ['2026-03-01T10:00', '', 'unknownTimeZone'],
  ])('%s in "%s" is refused: %s', (localStart, zone, code) => {
    expect(() => at(localStart, zone)).toThrow(expect.objectContaining({ code }));
  });

  it('of any instant leads back to it, unless it exists twice', () => {
    fc.assert(fc.property(
      fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2028-01-01') }).map((ms) => Math.floor(ms / 60_000) * 60_000),
      fc.constantFrom('Europe/Berlin', 'Europe/Kyiv', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'UTC', 'Asia/Tokyo'),
      (ms, zone) => {
        const local = localAt(ms, zone);
        try {
          expect(at(local, zone).startsAt).toBe(new Date(ms).toISOString());
        } catch (error) {
          if ((error as { code?: string }).code !== 'wallTimeAmbiguous') throw error;
          const { readings } = (error as { details: { readings: { startsAt: string }[] } }).details;
          expect(readings.map(({ startsAt }) => startsAt)).toContain(new Date(ms).toISOString());
        }
      },
    ));
  });
});
