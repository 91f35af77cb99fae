const ALWAYS_SAFE = 15;
const FORM = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * True where a number as written in JSON has the very value that JavaScript would write again: 1.0, 5e0, 0.1 and -0
 * do, 9007199254740993, 1e400, 1e-400 and 0.10000000000000001 do not (D47). The value counts, not the spelling.
 */
export function survivesDouble(literal: string): boolean {
  if (literal.length <= ALWAYS_SAFE && !/[eE]/.test(literal)) return true;
  const value = Number(literal);
  return Number.isFinite(value) && decimal(literal) === decimal(String(value));
}

/** The digits without leading and trailing zeros, and the exponent of the last of them: equal for equal values. */
function decimal(literal: string): string {
  const [, whole = '', fraction = '', exponent = '0'] = FORM.exec(literal) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  let end = digits.length;
  // A loop, for /0+$/ takes quadratic time on zeros in the middle of a long literal.
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end--;
  if (end === 0) return '0';
  return `${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}
