/** A moment with microseconds, RFC 3339 in UTC: exact, and as PostgreSQL reads it. */
export function preciseTime(micros: bigint): string {
  const second = new Date(Number(micros / 1_000_000n) * 1000).toISOString().slice(0, 19);
  return `${second}.${String(micros % 1_000_000n).padStart(6, '0')}Z`;
}
