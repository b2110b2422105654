/** Errors and words between processes. */
import { describe, expect, it } from '@jest/globals';
import {
  DeploymentException,
  IllegalArgumentException,
  IllegalStateException,
  IOException,
  SocketTimeoutException,
} from '../../../../src/api/exceptions.js';
import { errorFrom, type Failure, failureOf, opened, sealed } from '../../../../src/container/workers/messages.js';

const travelled = (error: unknown): Error => errorFrom(JSON.parse(JSON.stringify(failureOf(error))) as Failure);
const PROBLEMS = [{ code: 'MARGAY_PATH', message: 'A: path "a"', endpoint: 'A' }];

describe('an error that a worker tells the primary', () => {
  it.each([
    new DeploymentException('two problems', undefined, 'MARGAY_DEPLOYMENT', PROBLEMS),
    new IOException('port 1 is in use', Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' }), 'MARGAY_LISTEN'),
    new IllegalStateException('too late'),
    new IllegalArgumentException('not this', new TypeError('deeper'), 'MARGAY_OPTION'),
    Object.assign(new Error('of the application'), { code: 'E_APP' }),
  ])('%s arrives as what it was', (error) => {
    const { name, message, code, problems, stack, cause } = travelled(error) as DeploymentException;
    const { code: codeThere, problems: problemsThere, cause: causeThere } = error as DeploymentException;
    expect([name, message, code, problems, stack]).toEqual([error.name, error.message, codeThere, problemsThere, error.stack]);
    expect(travelled(error).constructor.name).toBe(error.constructor.name);
    expect((cause as NodeJS.ErrnoException | undefined)?.message).toBe((causeThere as Error | undefined)?.message);
    expect((cause as NodeJS.ErrnoException | undefined)?.code).toBe((causeThere as NodeJS.ErrnoException | undefined)?.code);
  });

  it('a subclass arrives as the class it extends; what is no error, as one with its words', () => {
    expect(travelled(new SocketTimeoutException('slow'))).toMatchObject({
      constructor: IOException,
      code: 'MARGAY_TIMEOUT',
      message: 'slow',
    });
    expect(travelled('words')).toMatchObject({ message: 'words' });
    expect(travelled(null)).toMatchObject({ message: 'null' });
  });
});

describe('a word between them', () => {
  it('is told from what the application sends', () => {
    expect(opened(JSON.parse(JSON.stringify(sealed({ word: 'close', call: 1 }))))).toEqual({ word: 'close', call: 1 });
    for (const other of ['end', { word: 'end' }, null, undefined, 7, []]) expect(opened(other)).toBeNull();
  });
});
