/** What connectToServer says to options that are none. */
import { describe, expect, it } from '@jest/globals';
import { type ConnectOptions, ContainerProvider, IllegalArgumentException } from 'margay';
import { configured, connect, Quiet, refusal } from '../support/connecting.js';

const URI = 'ws://127.0.0.1:1/';

/** What is thrown at the call, before there is a promise. */
function thrown(options: unknown): { code: string; message: string } {
  try {
    ContainerProvider.getWebSocketContainer()
      .connectToServer(Quiet, null, URI, options as ConnectOptions)
      .catch(() => {});
  } catch (error) {
    expect(error).toBeInstanceOf(IllegalArgumentException);
    return error as IllegalArgumentException;
  }
  throw new Error('nothing was thrown');
}

describe('[CLI-9] [GEN-1] an option', () => {
  it.each<[unknown, string]>([
    [{ timout: 5 }, 'unknown option "timout"; did you mean "timeout"?'],
    [{ maxRedirect: 5 }, 'did you mean "maxRedirects"?'],
    [{ Origin: 'x' }, 'did you mean "origin"?'],
    [{ sslcontext: {} }, 'did you mean "sslContext"?'],
    [{ proxyauth: {} }, 'did you mean "proxyAuth"?'],
    [{ followRedirects: true }, 'known are sslContext, timeout,'],
    [{ auth: { user: 'a', password: 'b' } }, 'auth: unknown option "user"'],
    [{ auth: { username: 'a' } }, 'give both username and password'],
    [{ reconnect: { minDelai: 1 } }, 'did you mean "minDelay"?'],
  ])('%j: MARGAY_OPTION at the call, with the nearest there is', (options, why) => {
    const { code, message } = thrown(options);
    expect(code).toBe('MARGAY_OPTION');
    expect(message).toMatch(/^connectToServer\(options\): /);
    expect(message).toContain(why);
  });

  it.each<[keyof ConnectOptions, unknown[]]>([
    ['timeout', [0, -1, '5000', Number.NaN, null, 5n]],
    ['maxHeaderSize', [0, -1, 1.5, '8192', Number.POSITIVE_INFINITY, null]],
    ['maxRedirects', [-1, 1.5, '3', null, Number.NaN]],
    ['auth', [null, 'ann:secret', ['ann', 'secret'], {}, { username: 'ann', password: 7 }, { username: 'a', password: 'b', realm: 7 }]],
    ['proxyAuth', [null, true, { password: 'b' }]],
    ['proxy', [true, null, '', 3128, {}]],
    ['origin', [null, '', 'a b', 'https://a\r\nX: y', 'https://bücher.example', new URL('https://a.example')]],
    ['sslContext', [null, true, 'ca']],
    ['heartbeat', [true, 5, { intervall: 1 }]],
    ['reconnect', [null, 5, { attempts: 0 }, { stopOn: 1000 }, { stopOn: [999] }, { decide: true }, { queue: -1 }]],
  ])('%s that cannot be: MARGAY_OPTION at the call, which names it', (name, values) => {
    for (const value of values) {
      const { code, message } = thrown({ [name]: value });
      expect(code).toBe('MARGAY_OPTION');
      expect(message).toContain(name);
    }
  });

  it.each([5, 'x', true, [], [{}]])('options that are %j are none', (options) => {
    expect(thrown(options).message).toContain('give an object');
  });

  it('that is undefined is left out', async () => {
    const undefinedOnes = { timeout: undefined, auth: undefined, origin: undefined } as ConnectOptions;
    const container = ContainerProvider.getWebSocketContainer();
    const error = await refusal(container.connectToServer(Quiet, configured({}), URI, { proxy: false, ...undefinedOnes }));
    expect(error.code).toBe('MARGAY_CONNECT');
  });

  it('is what it was at the call', async () => {
    const options: { -readonly [K in keyof ConnectOptions]: ConnectOptions[K] } = { proxy: false };
    const connecting = ContainerProvider.getWebSocketContainer().connectToServer(Quiet, configured({}), URI, options);
    options.proxy = 'http://elsewhere.invalid:3128';
    options.timeout = -1;
    const { code, message } = await refusal(connecting);
    expect([code, message]).toEqual(['MARGAY_CONNECT', expect.stringContaining('ECONNREFUSED 127.0.0.1:1')]);
  });
});

describe('[CLI-9] user properties', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ IO_TIMEOUT_MS: 'soon' }, 'timeout'],
    [{ IO_TIMEOUT_MS: 0 }, 'timeout'],
    [{ IO_TIMEOUT_MS: {} }, 'timeout'],
    [{ MAX_HTTP_RESPONSE_HEADER_BYTES: '0' }, 'maxHeaderSize'],
    [{ MAX_REDIRECTIONS: '-1' }, 'maxRedirects'],
    [{ DEFAULT_ORIGIN_HEADER_VALUE: 'a b' }, 'origin'],
    [{ 'margay.maxIdleTimeot': 1 }, 'did you mean "maxIdleTimeout"?'],
    [{ 'margay.maxIdleTimeout': 'long' }, 'maxIdleTimeout'],
    [{ 'margay.timeout': 5 }, 'unknown option "timeout"'],
  ])('%j: MARGAY_OPTION, of the promise, which names the endpoint', async (properties, why) => {
    const error = await refusal(connect(URI, { properties }));
    expect(error.code).toBe('MARGAY_OPTION');
    expect(error.message).toMatch(/^Quiet: /);
    expect(error.message).toContain(why);
  });

  it('what is nobody’s, or is overruled by an option, is not looked at', async () => {
    const properties = {
      'my.own': {},
      'org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT': {},
      IO_TIMEOUT_MS: 'soon',
      MAX_REDIRECTIONS: null,
    };
    expect((await refusal(connect(URI, { properties }, { timeout: 1000 }))).code).toBe('MARGAY_CONNECT');
  });
});
