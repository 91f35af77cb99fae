import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { problem } from '../errors/http-problem.js';
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

/** More than a million lines take, some ten megabytes or where all of them are different fifty. */
const MAX_PACKED_BYTES = 64 * 1024 * 1024;

/**
 * What was found of a manifest, kept until all of it has come: most clients read no answer while they still send, so
 * that an answer begun before would fill the buffers between us and stop both sides.
 */
export class Findings {
  private readonly packed: Buffer[] = [];
  private bytes = 0;
  private readonly counts = { present: 0, different: 0, missing: 0, invalid: 0 };

  constructor(private readonly maxBytes = MAX_PACKED_BYTES) {}

  /** Adds what was found of the next lines; throws a 413 where that is too much to keep. */
  add(findings: readonly Finding[]): void {
    if (findings.length === 0) return;
    for (const { status } of findings) this.counts[status] += 1;
    const packed = deflateRawSync(toLines(findings), FAST);
    this.bytes += packed.length;
    if (this.bytes > this.maxBytes)
      throw problem(
        413,
        'too_large',
        'there is too much to say of this manifest: send it in parts',
      );
    this.packed.push(packed);
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
