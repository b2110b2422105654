/** The address of a container. */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { urlOf } from '../../../../src/container/web/url.js';
import { segment } from '../../../support/paths.js';
import { holds, seed } from '../../../support/property.js';

it(`[URI-14] leads to the host, the port and the path (seed ${seed})`, () => {
  const cases = fc.record({
    host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('::', '0.0.0.0', '', 'localhost')),
    port: fc.integer({ min: 1, max: 65535 }),
    secure: fc.boolean(),
    context: fc.option(
      segment.map(({ inRequest }) => `/${inRequest}`),
      { nil: '' },
    ),
  });
  holds(cases, ({ host, port, secure, context }) => {
    const url = urlOf({ host, port, secure }, context);
    const wanted = ['0.0.0.0', '::', ''].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
    expect(url).toBe(`${secure ? 'https' : 'http'}://${wanted}:${port}${context}`);
    expect(URL.canParse(url)).toBe(true);
  });
});

it('is empty where nothing listens', () => {
  expect(urlOf({ host: 'memory', port: 0, secure: false }, '/app')).toBe('');
  expect(urlOf({ host: 'memory', port: -1, secure: true }, '')).toBe('');
});
