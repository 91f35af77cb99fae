const names = new Map<string, string>();

/** A statement that PostgreSQL parses and plans once a connection. Only for texts of which there are few. */
export function prepared(text: string): { readonly name: string; readonly text: string } {
  const name = names.get(text) ?? `parley_${names.size}`;
  names.set(text, name);
  return { name, text };
}
