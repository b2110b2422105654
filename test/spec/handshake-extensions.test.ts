/** Which extensions are agreed on. [HS-1 row 8, HS-4, HS-14, D-34, EXT-13] */
import { describe, expect, it } from '@jest/globals';
import { type Extension, OnMessage, OnOpen, ServerEndpoint, ServerEndpointConfig, Session } from 'margay';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const HEADER = 'Sec-WebSocket-Extensions';
const DEFAULT = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

describe('[HS-14, HS-1] the header', () => {
  it.each(['a="b;c"', 'a="b', 'a; b="c,d"', 'a; b="c=d"', 'a; b="c"d', 'permessage-deflate, a; b="'])('%s: 400', async (value) => {
    @ServerEndpoint('/talk')
    class Talk {}
    for (const perMessageDeflate of [false, true]) {
      const { status, body } = await ask(await start(Talk, { perMessageDeflate }), { headers: { [HEADER]: value } });
      expect(`${status} ${body}`).toMatch(/^400 .*\[MARGAY_UPGRADE_EXTENSIONS\]$/);
    }
  });

  it.each(['', ', ,', '; =;;,', ' , permessage-deflate , ', 'unknown; a=1; b="2"; c, permessage-deflate', 'permessage-deflate;;'])(
    '%j is taken',
    async (value) => {
      @ServerEndpoint('/talk')
      class Talk {}
      const { status, headers } = await ask(await start(Talk, { perMessageDeflate: true }), { headers: { [HEADER]: value } });
      expect(status).toBe(101);
      expect(headers.get('sec-websocket-extensions')?.length ?? 0).toBe(value.includes('permessage') ? 1 : 0);
    },
  );

  it.each(['Permessage-Deflate', 'PERMESSAGE-DEFLATE', 'permessage-deflate; Server_No_Context_Takeover', 'x-webkit-deflate-frame'])(
    '[HS-14] names are case-sensitive: %s is not agreed on',
    async (value) => {
      @ServerEndpoint('/talk')
      class Talk {}
      const { status, headers } = await ask(await start(Talk, { perMessageDeflate: true }), { headers: { [HEADER]: value } });
      expect(status).toBe(101);
      expect(headers.has('sec-websocket-extensions')).toBe(false);
    },
  );
});

describe('[EXT-13] offers of permessage-deflate', () => {
  const ROWS: readonly (readonly [offer: string | readonly string[], answer: string | null])[] = [
    ['permessage-deflate', DEFAULT],
    ['permessage-deflate; client_max_window_bits', `${DEFAULT}; client_max_window_bits=15`],
    ['permessage-deflate; client_max_window_bits=10', `${DEFAULT}; client_max_window_bits=10`],
    ['permessage-deflate; client_max_window_bits="10"', `${DEFAULT}; client_max_window_bits=10`],
    ['permessage-deflate; client_max_window_bits=8', `${DEFAULT}; client_max_window_bits=8`],
    [
      'permessage-deflate; server_max_window_bits=10',
      'permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_no_context_takeover',
    ],
    [
      'permessage-deflate; server_max_window_bits=15',
      'permessage-deflate; server_no_context_takeover; server_max_window_bits=15; client_no_context_takeover',
    ],
    ['permessage-deflate; server_no_context_takeover; client_no_context_takeover', DEFAULT],
    ['permessage-deflate; server_max_window_bits=8', null],
    ['permessage-deflate; server_max_window_bits=16', null],
    ['permessage-deflate; server_max_window_bits=7', null],
    ['permessage-deflate; server_max_window_bits=010', null],
    ['permessage-deflate; server_max_window_bits', null],
    ['permessage-deflate; client_max_window_bits=16', null],
    ['permessage-deflate; client_max_window_bits=7', null],
    ['permessage-deflate; client_max_window_bits=x', null],
    ['permessage-deflate; server_no_context_takeover=1', null],
    ['permessage-deflate; server_no_context_takeover; server_no_context_takeover', null],
    ['permessage-deflate; unknown', null],
    ['permessage-deflate; unknown, permessage-deflate', DEFAULT],
    [
      'permessage-deflate; server_max_window_bits=8, permessage-deflate; client_max_window_bits=12',
      `${DEFAULT}; client_max_window_bits=12`,
    ],
    ['permessage-deflate; client_max_window_bits=9, permessage-deflate', `${DEFAULT}; client_max_window_bits=9`],
    [['permessage-deflate; unknown', 'permessage-deflate'], DEFAULT],
  ];

  it.each(ROWS)('%j => %j', async (offer, answer) => {
    @ServerEndpoint('/talk')
    class Talk {}
    const { status, headers } = await ask(await start(Talk, { perMessageDeflate: true }), { headers: { [HEADER]: offer } });
    expect(status).toBe(101);
    expect(headers.get('sec-websocket-extensions')).toEqual(answer === null ? undefined : [answer]);
  });

  it.each([
    [{ serverNoContextTakeover: false }, 'permessage-deflate; client_no_context_takeover'],
    [{ clientNoContextTakeover: false }, 'permessage-deflate; server_no_context_takeover'],
    [{ serverNoContextTakeover: false, clientNoContextTakeover: false }, 'permessage-deflate'],
    [{ serverMaxWindowBits: 11 }, 'permessage-deflate; server_no_context_takeover; server_max_window_bits=11; client_no_context_takeover'],
  ])('[D-34] the option %j is answered with %s', async (perMessageDeflate, answer) => {
    @ServerEndpoint('/talk')
    class Talk {}
    const { headers } = await ask(await start(Talk, { perMessageDeflate }), { headers: { [HEADER]: 'permessage-deflate' } });
    expect(headers.get('sec-websocket-extensions')).toEqual([answer]);
  });
});

describe('[D-34] permessage-deflate over the wire', () => {
  it('off, as it is by default: nothing installed, the offer ignored, nothing compressed', async () => {
    const seen: unknown[] = [];
    class Hooks extends ServerEndpointConfig.Configurator {
      override getNegotiatedExtensions(installed: readonly Extension[], requested: readonly Extension[]): readonly Extension[] {
        seen.push(installed.length);
        return requested; // nobody can run it: dropped
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks })
    class Talk {
      @OnOpen
      open(session: Session): void {
        seen.push(session.getNegotiatedExtensions().length);
        void session.getBasicRemote().sendText('x'.repeat(1000));
      }
    }
    const started = await start(Talk);
    expect([...started.container.getInstalledExtensions()]).toEqual([]);
    const peer = await RawPeer.open(started, '/talk', { lines: [`${HEADER}: permessage-deflate`] });
    expect(peer.bytes.toString('latin1')).not.toMatch(/^sec-websocket-extensions/im);
    await peer.received(1);
    expect(peer.frames[0]).toMatchObject({ rsv: 0 });
    expect(seen).toEqual([0, 0]);
  });

  it('on: installed, agreed on, and what is sent is compressed', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        const [extension, ...more] = session.getNegotiatedExtensions();
        seen.push(
          extension?.getName(),
          extension?.getParameters().map((each) => [each.getName(), each.getValue()]),
          more.length,
        );
        void session.getBasicRemote().sendText('x'.repeat(1000));
      }
    }
    const started = await start(Talk, { perMessageDeflate: true });
    expect([...started.container.getInstalledExtensions()].map((each) => each.getName())).toEqual(['permessage-deflate']);
    const peer = await RawPeer.open(started, '/talk', { lines: [`${HEADER}: permessage-deflate`] });
    await eventually(() => expect(peer.frames).toHaveLength(1));
    expect(peer.frames[0]).toMatchObject({ rsv: 4, opcode: OPCODES.text });
    expect(peer.frames[0]?.payload.length).toBeLessThan(50);
    expect(seen).toEqual([
      'permessage-deflate',
      [
        ['server_no_context_takeover', null],
        ['client_no_context_takeover', null],
      ],
      0,
    ]);
  });

  it.each([
    ['no context kept', true],
    ['context kept', { serverNoContextTakeover: false, clientNoContextTakeover: false }],
    ['small windows', { serverMaxWindowBits: 9, clientMaxWindowBits: 9 }],
  ])('a ws client and we understand each other: %s', async (_what, perMessageDeflate) => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string): string {
        return message;
      }
    }
    const { dial } = await start(Talk, { perMessageDeflate });
    const peer = await dial('/talk', { perMessageDeflate: { threshold: 0 } });
    expect(peer.socket.extensions).toBe('permessage-deflate');
    const messages = ['', 'a', 'one two one two', '你好'.repeat(5000), 'one two one two'];
    for (const message of messages) peer.send(message);
    expect(await peer.take(messages.length)).toEqual(messages);
  });

  it('[D-36] on or off for one endpoint', async () => {
    @ServerEndpoint({ value: '/on', perMessageDeflate: true })
    class On {}
    @ServerEndpoint({ value: '/off', perMessageDeflate: false })
    class Off {}
    const answer = async (port: { port: number }, target: string) =>
      (await ask(port, { target, headers: { [HEADER]: 'permessage-deflate' } })).headers.has('sec-websocket-extensions');
    const plain = await start([On, Off]);
    expect([await answer(plain, '/on'), await answer(plain, '/off')]).toEqual([true, false]);
    const squeezing = await start([On, Off], { perMessageDeflate: true });
    expect([await answer(squeezing, '/on'), await answer(squeezing, '/off')]).toEqual([true, false]);
  });

  it('[HS-2] the configurator may decline it', async () => {
    class None extends ServerEndpointConfig.Configurator {
      override getNegotiatedExtensions(): readonly Extension[] {
        return [];
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: None })
    class Talk {}
    const { headers } = await ask(await start(Talk, { perMessageDeflate: true }), { headers: { [HEADER]: 'permessage-deflate' } });
    expect(headers.has('sec-websocket-extensions')).toBe(false);
  });
});
