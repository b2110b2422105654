/** Who follows whom at a post. */
import cluster from 'node:cluster';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Post, type PostOwner, pauseAfter, type WorkerEnd } from '../../../../src/container/workers/post.js';

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('the pause before the next worker', () => {
  it('is none for one that was well, doubles with each that was not, and ends at 10 s', () => {
    expect([0, 1, 2, 3, 7, 8, 9, 5000].map(pauseAfter)).toEqual([0, 100, 200, 400, 6400, 10_000, 10_000, 10_000]);
  });

  it('also comes before one that the machine could not make, and nothing is thrown', () => {
    jest.useFakeTimers();
    const fork = jest.spyOn(cluster, 'fork').mockImplementation(() => {
      throw new Error('spawn ENOMEM');
    });
    const told: [WorkerEnd, string | undefined, number][] = [];
    const owner: PostOwner = {
      onReport() {},
      onStuck() {},
      onEnded: (post, end) => void told.push([end, post.failure?.message, post.manAgain()]),
    };
    expect(new Post(owner).manAgain()).toBe(100);
    jest.advanceTimersByTime(100 + 200 + 400);
    const end = { worker: null, pid: undefined, code: null, signal: null };
    expect(told).toEqual([
      [end, 'spawn ENOMEM', 200],
      [end, 'spawn ENOMEM', 400],
      [end, 'spawn ENOMEM', 800],
    ]);
    expect(fork).toHaveBeenCalledTimes(3);
  });
});
