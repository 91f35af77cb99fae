/** What a command found: for programs, for people, and whether all is well. */
export interface Answer {
  readonly json: unknown;
  readonly lines: readonly string[];
  readonly isBad?: boolean;
}

/** Where a command writes. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}
