/** The way through a browser, with a socket whose other end is the test. */
import { describe, expect, it } from '@jest/globals';
import { ClientEndpointConfig } from '../../../../src/api/client-endpoint-config.js';
import type { ConnectOptions } from '../../../../src/api/connect-options.js';
import { BrowserReach } from '../../../../src/container/client/browser-reach.js';
import { quiet } from '../../../../src/container/options/console-logger.js';
import { BrowserDialer } from '../../../../src/transport/browser/browser-dialer.js';
import { microtasks, type PageSocket, pageSockets } from '../../../support/page-socket.js';
import { Recorder } from '../../../transport/contract/rig.js';

const silent = () => {};
const logger = quiet({ debug: silent, info: silent, warn: silent, error: silent });
const plain = () => ClientEndpointConfig.Builder.create();

interface Given {
  readonly config?: ClientEndpointConfig;
  readonly options?: ConnectOptions;
  readonly signal?: AbortSignal;
}

/** One errand, and the socket it came to. */
function reaching({ config = plain().build(), options = {}, signal = new AbortController().signal }: Given = {}) {
  const { socketClass, made } = pageSockets();
  const uri = new URL('ws://h/p?q');
  const reached = new BrowserReach(new BrowserDialer(socketClass)).reach({ uri, config, options, extensions: [], logger, signal });
  reached.catch(silent);
  return { reached, made, socket: made[0] as PageSocket };
}

class Hooks extends ClientEndpointConfig.Configurator {
  readonly calls: number[] = [];
  failure: Error | null = null;

  override async afterResponse(response: { getHeaders(): Map<string, string[]> }): Promise<void> {
    await null;
    this.calls.push(response.getHeaders().size);
    if (this.failure !== null) throw this.failure;
  }
}

describe('a server that is reached', () => {
  it('[CLI-4] is asked with the subprotocols of the configuration, and told with what was agreed on', async () => {
    const config = plain().preferredSubprotocols(['v2', 'v1']).build();
    const { reached, socket } = reaching({ config });
    Object.assign(socket, { protocol: 'v1', extensions: 'permessage-deflate; client_max_window_bits=15, x' });
    socket.opens();
    const { uri, subprotocol, extensions } = await reached;
    expect([socket.subprotocols, uri.href, subprotocol, extensions.map(String)]).toEqual([
      ['v2', 'v1'],
      'ws://h/p?q',
      'v1',
      ['permessage-deflate; client_max_window_bits=15', 'x'],
    ]);
  });

  it('is opened by accept, and let go by drop', async () => {
    const first = reaching();
    first.socket.opens();
    const log = new Recorder();
    await (await first.reached).accept(() => log);
    expect(log.story).toEqual([['opened']]);
    const second = reaching();
    second.socket.opens();
    (await second.reached).drop();
    expect([first.socket.closes, second.socket.closes]).toEqual([[], [[]]]);
  });

  it('[CLI-6] is none if its subprotocol was not offered', async () => {
    const { reached, socket } = reaching({ config: plain().preferredSubprotocols(['v2']).build() });
    socket.protocol = 'v3';
    socket.opens();
    await expect(reached).rejects.toMatchObject({
      code: 'MARGAY_HANDSHAKE',
      message: expect.stringContaining('"v3", which was not offered'),
    });
    expect(socket.closes).toEqual([[]]);
  });

  it('has no extensions where the browser spells them in a way of its own', async () => {
    const { reached, socket } = reaching();
    socket.extensions = '=;=';
    socket.opens();
    expect((await reached).extensions).toEqual([]);
  });

  it('[CLI-5] is lost by an afterResponse that fails', async () => {
    const hooks = new Hooks();
    hooks.failure = new Error('not this one');
    const { reached, socket } = reaching({ config: plain().configurator(hooks).build() });
    socket.opens();
    await expect(reached).rejects.toMatchObject({ code: 'MARGAY_HANDSHAKE', cause: hooks.failure });
    expect([hooks.calls, socket.closes]).toEqual([[0], [[]]]);
  });
});

describe('a server that is not', () => {
  it('[CLI-5] [D-21] is a failed connect, and the hook hears of it first; what the hook throws then is not the news', async () => {
    const hooks = new Hooks();
    hooks.failure = new Error('no news');
    const { reached, socket } = reaching({ config: plain().configurator(hooks).build() });
    socket.closed();
    const error = await reached.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'MARGAY_CONNECT', status: undefined, cause: { step: 'connect' } });
    expect(hooks.calls).toEqual([0]);
  });

  it('[CLI-9] has the time that the option timeout says', async () => {
    const { reached, socket } = reaching({ options: { timeout: 5 } });
    await expect(reached).rejects.toMatchObject({ code: 'MARGAY_CONNECT_TIMEOUT', message: expect.stringContaining('5 ms') });
    expect(socket.closes).toEqual([[]]);
  });

  it('is given up with the signal’s own reason', async () => {
    const giving = new AbortController();
    const { reached } = reaching({ signal: giving.signal });
    const reason = new Error('the container closes');
    giving.abort(reason);
    await expect(reached).rejects.toBe(reason);
  });
});

describe('what a browser cannot do', () => {
  it('[CLI-9] is refused all at once, before anything is asked', async () => {
    const config = plain().sslContext({}).build();
    const { reached, made } = reaching({ config, options: { origin: 'https://x', maxRedirects: 1 } });
    const error = await reached.catch((thrown: Error) => thrown);
    expect(String((error as Error).message).split('\n')).toEqual([
      expect.stringMatching(/^the option origin, .*: the browser sends the page's own/),
      expect.stringMatching(/^the option maxRedirects, .*: a browser follows none/),
      expect.stringMatching(/^the configuration's sslContext: the browser decides/),
    ]);
    await microtasks();
    expect(made).toEqual([]);
  });

  it.each<[string, ConnectOptions]>([
    ['no proxy', { proxy: false }],
    ['no heartbeat', { heartbeat: false }],
    ['no redirects', { maxRedirects: 0 }],
    ['nothing', { origin: undefined, sslContext: undefined }],
  ])('is not asked for by %s', async (_, options) => {
    const { reached, socket } = reaching({ options });
    socket.opens();
    expect((await reached).subprotocol).toBe('');
  });
});
