import { expect, it } from '@jest/globals';
import { quiet } from '../../../../src/container/options/console-logger.js';

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
