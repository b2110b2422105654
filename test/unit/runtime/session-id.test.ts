/** The ids of sessions, also where a browser has no randomUUID. */
import { afterEach, expect, it, jest } from '@jest/globals';
import { newSessionId } from '../../../src/runtime/session-id.js';

afterEach(() => {
  jest.restoreAllMocks();
});

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

it.each([true, false])('[SES-2] are UUIDs, each another one; there is a randomUUID: %s', (isSecure) => {
  if (!isSecure) jest.replaceProperty(crypto, 'randomUUID', undefined as never);
  const ids = new Set(Array.from({ length: 1000 }, newSessionId));
  expect(ids.size).toBe(1000);
  expect([...ids].filter((id) => !UUID.test(id))).toEqual([]);
});
