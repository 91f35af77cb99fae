type Headers = Record<string, Buffer | undefined>;

// `Object.create(null)` itself would be a hash table, of which every record has one.
const Bare = function () {} as unknown as new () => Headers;
Bare.prototype = Object.create(null) as object;

/** Headers to be filled in; `__proto__` is a name like any other. */
export function newHeaders(): Headers {
  return new Bare();
}
