/** Whether a text has 1 to `max` code points, none of them a control character or a lone surrogate. */
export function isPlainText(text: string, max: number): boolean {
  const length = [...text].length;
  return length >= 1 && length <= max && !/[\p{Cc}\p{Cs}]/u.test(text);
}
