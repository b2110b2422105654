import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, expect, it, jest } from '@jest/globals';
import { destroyAfter } from '../../../../src/transport/ws/socket-events.js';

afterEach(() => {
  jest.useRealTimers();
});

it('[REL-13] a socket that lingers is dropped', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  const socket = new PassThrough();
  destroyAfter(2000, socket);
  jest.advanceTimersByTime(1999);
  expect(socket.destroyed).toBe(false);
  jest.advanceTimersByTime(1);
  expect(socket.destroyed).toBe(true);
});

it('[REL-14] one that is gone by itself leaves no timer, which would keep it', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  const socket = new PassThrough();
  destroyAfter(2000, socket);
  expect(jest.getTimerCount()).toBe(1);
  socket.destroy();
  await once(socket, 'close');
  expect(jest.getTimerCount()).toBe(0);
});
