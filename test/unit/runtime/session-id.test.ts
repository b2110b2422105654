/** The ids of sessions, also where a browser has no randomUUID. */
import { expect, it } from '@jest/globals';
import { newSessionId } from '../../../src/runtime/session-id.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

it.each([true, false])('[SES-2] are UUIDs, each another one; there is a randomUUID: %s', (isSecure) => {
  if (!isSecure) Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
  try {
    const ids = new Set(Array.from({ length: 1000 }, newSessionId));
    expect(ids.size).toBe(1000);
    expect([...ids].filter((id) => !UUID.test(id))).toEqual([]);
  } finally {
    delete (crypto as { randomUUID?: unknown }).randomUUID; // the one of its class is back
  }
});
