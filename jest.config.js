import { availableParallelism } from 'node:os';

/** One project per compilation: tsc writes the JavaScript (see "pretest"), jest runs it as ES modules. */
const project = (displayName, out, dir, rest = {}) => ({
  displayName,
  testEnvironment: 'node',
  rootDir: out,
  roots: ['<rootDir>/src', `<rootDir>/${dir}`], // src too, or never-imported files are missing from coverage
  testMatch: ['**/*.test.js'],
  transform: {}, // the files are JavaScript already; maps are inline
  moduleNameMapper: { '^margay$': '<rootDir>/src/index.js', '^margay/(.+)$': '<rootDir>/src/$1.js' },
  ...rest,
});

export default {
  maxWorkers: Math.max(3, availableParallelism() - 1), // the tests wait more than they compute
  projects: [
    project('legacy', 'dist-test', 'test', { testPathIgnorePatterns: ['<rootDir>/test/browser/'] }),
    project('standard', 'dist-standard', 'test/standard'),
    project('browser', 'dist-test', 'test/browser', { globalSetup: '<rootDir>/test/browser/prepare.js' }),
  ],
  testSequencer: './scripts/test-order.js',
  testTimeout: 30_000,
};
