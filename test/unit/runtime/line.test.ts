import { expect, it } from '@jest/globals';
import { Line } from '../../../src/runtime/line.js';
import { gate } from '../../support/eventually.js';

it('[REM-15, COD-8] what throws at once in its turn fails alone: the others go on in their order', async () => {
  const line = new Line();
  const first = gate<string>();
  const put: unknown[] = [];
  const take = (made: unknown) => {
    put.push(made);
    return undefined;
  };
  const sent = [
    line.add(() => first.promise, take),
    line.add(() => {
      throw new Error('no encoder can');
    }, take),
    line.add(
      () => 'third',
      () => {
        throw new Error('no channel can');
      },
    ),
    line.add(() => 'fourth', take),
  ];
  first.open('first');
  expect((await Promise.allSettled(sent)).map((each) => (each.status === 'rejected' ? each.reason.message : each.status))).toEqual([
    'fulfilled',
    'no encoder can',
    'no channel can',
    'fulfilled',
  ]);
  expect([put, line.busy]).toEqual([['first', 'fourth'], false]);
});
