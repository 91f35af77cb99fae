import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type LineProblem } from './manifest-line.js';

/** What can be said of a line. */
export type LineStatus = 'present' | 'different' | 'missing' | 'invalid';

/** What is said of one line, as it is answered. */
export interface Finding {
  readonly line: number;
  readonly status: LineStatus;
  readonly position?: number | null;
  readonly stored_hash?: string;
  readonly problem?: LineProblem;
}

const FAST = { level: 1 };

/**
 * What was found of a manifest, kept until all of it has come: most clients read no answer while they still send, so
 * that an answer begun before would fill the buffers between us and stop both sides. Packed, a million lines take some
 * ten megabytes.
 */
export class Findings {
  private readonly packed: Buffer[] = [];
  private readonly counts = { present: 0, different: 0, missing: 0, invalid: 0 };

  /** Adds what was found of the next lines. */
  add(findings: readonly Finding[]): void {
    if (findings.length === 0) return;
    for (const { status } of findings) this.counts[status] += 1;
    this.packed.push(deflateRawSync(toLines(findings), FAST));
  }

  /** How many there are of each kind. */
  get summary(): Readonly<Record<LineStatus, number>> {
    return { ...this.counts };
  }

  /** A line for each that was added, in their order. */
  *lines(): Generator<Buffer> {
    for (const part of this.packed) yield inflateRawSync(part);
  }
}

/** Values as lines of JSON. */
export function toLines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
