/** The whole workspace in one run, with one global setup. */
export default {
  projects: ['<rootDir>/libs/*', '<rootDir>/apps/*'],
  workerIdleMemoryLimit: '512MB',
  // Of several projects in one run, jest takes it from here alone: no test is to fail on a machine that is only slow.
  testTimeout: 60_000,
};
