import { expect, it, jest } from '@jest/globals';
import { consoleLogger, quiet } from '../../../../src/container/options/console-logger.js';

it('[LIF-11] a logger that throws or rejects costs nothing, and hears of all the same', () => {
  const heard: string[] = [];
  const logger = quiet({
    debug: () => {},
    info: async (_fields, message) => {
      heard.push(message);
      throw new Error('no disk');
    },
    warn: () => {},
    error: (_fields, message) => {
      heard.push(message);
      throw new Error('no disk');
    },
  });
  logger.info({ code: 'MARGAY_X' }, 'first');
  logger.error({ code: 'MARGAY_X' }, 'second');
  expect(heard).toEqual(['first', 'second']);
});

it('[LIF-10] without a logger warnings and errors go to the console, an error of whatever was caught behind the words, and nothing else does', () => {
  const [warn, error] = (['warn', 'error'] as const).map((level) => jest.spyOn(console, level).mockImplementation(() => {}));
  const err = new Error('why');
  consoleLogger.debug({ code: 'MARGAY_A' }, 'nobody hears it');
  consoleLogger.info({ code: 'MARGAY_B' }, 'nor that');
  consoleLogger.warn({ code: 'MARGAY_C' }, 'a warning');
  consoleLogger.error({ code: 'MARGAY_D', err }, 'an error');
  expect(warn?.mock.calls).toEqual([['margay warn MARGAY_C a warning']]);
  expect(error?.mock.calls).toEqual([['margay error MARGAY_D an error', err]]);
  jest.restoreAllMocks();
});
