/** Runs once for a whole jest run, after its last spec. */
export default async function tearDown() {
  await globalThis.stopTestParts?.();
}
