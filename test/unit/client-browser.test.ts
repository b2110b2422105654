/** The two builds of the client's door. */
import { describe, expect, it } from '@jest/globals';
import * as client from 'margay/client';
import * as browser from '../../src/client-browser.js';

describe('the build of margay/client for browsers', () => {
  it('lets out the same names, and the same objects but for what needs node', () => {
    expect(Object.keys(browser).sort()).toEqual(Object.keys(client).sort());
    const others = Object.entries(client).filter(([name, value]) => (browser as Record<string, unknown>)[name] !== value);
    expect(others.map(([name]) => name)).toEqual(['registerAuthenticator']);
  });

  it('[CLI-11] answers no challenges, and says so', () => {
    expect(() => browser.registerAuthenticator()).toThrow(client.UnsupportedOperationException);
  });
});
