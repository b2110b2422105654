import config from './jest.config.js';

/**
 * What measures memory or time, or tries thousands of cases, takes several times as long while it is watched, and reaches no line
 * that the rest does not: it is left out. So is what runs in processes of its own.
 */
const LEFT_OUT = [
  ...['test/bench/', 'test/bin/', 'test/browser/', 'test/docs/', 'test/examples/', 'test/unit/(rules|parity|exports|errors|options)'],
  ...['flat-memory', 'churn', 'forgotten', 'deflate-cost', 'handshake-cost', 'mass-disconnect', 'byte-storm', 'unfinished'],
  ...[
    'mutations',
    '(?<!header-map|closing)-properties',
    'frame-reader-(fuzz|slices)',
    'limit-encodings',
    'bombs',
    'floods',
    'wire/proxies',
  ],
  ...[
    'at-every-byte',
    'close-(bounds|matrix)',
    'half-close',
    'bad-networks',
    'heartbeat-beside',
    'draining',
    'spec/workers.test',
    '(stuck|slow)-readers',
  ],
];
const [legacy, standard] = config.projects;

/** `npm run coverage`, behind `npm test`, which compiles. */
export default {
  ...config,
  projects: [{ ...legacy, testPathIgnorePatterns: LEFT_OUT }, standard],
  collectCoverage: true,
  collectCoverageFrom: ['dist-test/src/**/*.js', 'dist-standard/src/**/*.js'], // relative to this file, not to a project's rootDir
  coverageProvider: 'v8',
  coverageReporters: ['lcovonly'],
};
