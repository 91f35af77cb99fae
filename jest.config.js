/** The whole workspace in one run, with one global setup. */
export default {
  projects: ['<rootDir>/libs/*', '<rootDir>/apps/*'],
  workerIdleMemoryLimit: '512MB',
};
