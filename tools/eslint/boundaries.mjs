/**
 * Options of `@nx/enforce-module-boundaries` for a table of layers. Specs may also use the testing
 * library and any declared package.
 */
export function moduleBoundaries(layers, { isSpec = false } = {}) {
  return {
    allow: ['^.*/jest\\.preset\\.js$'],
    banTransitiveDependencies: true,
    // The testing library stands on libraries whose specs use it: a circle of projects, not of files.
    ignoredCircularDependencies: layers.testing.uses.map((layer) => [
      '@parley/testing',
      `tag:layer:${layer}`,
    ]),
    depConstraints: Object.entries(layers).map(([layer, { uses, packages }]) => ({
      sourceTag: `layer:${layer}`,
      onlyDependOnLibsWithTags: (isSpec ? [...uses, 'testing'] : uses).map((l) => `layer:${l}`),
      ...(packages && !isSpec && { allowedExternalImports: packages }),
    })),
  };
}
