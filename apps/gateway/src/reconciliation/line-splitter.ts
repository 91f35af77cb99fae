const LINE_FEED = 0x0a;

/** Cuts a stream of bytes into lines; what it holds meanwhile is at most one line of `maxBytes`. */
export class LineSplitter {
  private parts: Buffer[] = [];
  private size = 0;

  constructor(private readonly maxBytes: number) {}

  /** The lines that end here, without their ends; null for one that is too long. */
  push(chunk: Buffer): readonly (Buffer | null)[] {
    const lines: (Buffer | null)[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      this.keep(chunk.subarray(start, end));
      lines.push(this.take());
      start = end + 1;
    }
    this.keep(chunk.subarray(start));
    return lines;
  }

  /** The last line, where it has no end. */
  end(): readonly (Buffer | null)[] {
    return this.size > 0 ? [this.take()] : [];
  }

  private keep(part: Buffer): void {
    this.size += part.length;
    if (this.size > this.maxBytes) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  private take(): Buffer | null {
    const [first = Buffer.alloc(0)] = this.parts;
    const line = this.parts.length > 1 ? Buffer.concat(this.parts) : first;
    const isTooLong = this.size > this.maxBytes;
    this.parts = [];
    this.size = 0;
    return isTooLong ? null : line;
  }
}
