import { expect, it } from '@jest/globals';
import { classesOf } from '../../../../src/container/scan/scanned-classes.js';

it('[DEP-4] an export that cannot be read is a problem with its name, and the others are found', () => {
  class Found {}
  const exports = {
    get Broken(): unknown {
      throw new ReferenceError('Broken is not initialised');
    },
    Found,
  };
  const { classes, problems } = classesOf([{ name: 'chat.js', exports }]);
  expect(classes.map(({ type, name }) => [type, name])).toEqual([[Found, 'Found']]);
  expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(/chat\.js#Broken.*Broken is not initialised/s)]);
});
