/** Extensions of the application's own, from the handshake to the frames. [EXT-16, HS-4, HS-5] */
import { describe, expect, it } from '@jest/globals';
import {
  type ContainerOptions,
  type Extension,
  IllegalArgumentException,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import type { ExtensionFactory } from 'margay/spi';
import { ask } from '../support/ask.js';
import { eventually, gate } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';
import { xor } from '../support/xor-extension.js';

const HEADER = 'Sec-WebSocket-Extensions';
const DEFLATE = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
/** The methods of a transformation, as far as it matters. */
const IDLE = { inbound: (frame: unknown) => frame, outbound: (frame: unknown) => frame };
const names = (list: Iterable<Extension>) => [...list].map((each) => each.getName());

/** What an endpoint that only talks answers to an offer. */
async function agreed(offer: string, options: ContainerOptions): Promise<string | undefined> {
  @ServerEndpoint('/talk')
  class Talk {}
  const { status, headers } = await ask(await start(Talk, options), { headers: { [HEADER]: offer } });
  expect(status).toBe(101);
  return headers.get('sec-websocket-extensions')?.join(' | ');
}

describe('what is installed', () => {
  it('[HS-4, CON-4] the configuration’s own first, then permessage-deflate, then the option’s', async () => {
    const seen: string[][] = [];
    class Hooks extends ServerEndpointConfig.Configurator {
      override getNegotiatedExtensions(installed: readonly Extension[], requested: readonly Extension[]): readonly Extension[] {
        seen.push(names(installed), names(requested));
        return requested;
      }
    }
    @ServerEndpoint('/ignored')
    class Talk {}
    const own = { getName: () => 'own', getParameters: () => [] };
    const config = ServerEndpointConfig.Builder.create(Talk, '/talk').extensions([own]).configurator(new Hooks()).build();
    const started = await start(config, { perMessageDeflate: true, extensions: [xor(), xor({ name: 'other', rsv: 3 })] });
    const { headers } = await ask(started, { headers: { [HEADER]: 'own, unknown, other' } });
    expect(seen).toEqual([
      ['own', 'permessage-deflate', 'xor', 'other'],
      ['own', 'unknown', 'other'],
    ]);
    expect(headers.get('sec-websocket-extensions')).toEqual(['other; key=90']); // [HS-5] nobody runs the first two
    expect(names(started.container.getInstalledExtensions())).toEqual(['permessage-deflate', 'xor', 'other']);
  });

  it('[EXT-16] the option is a list of factories with names of their own', () => {
    const build = () => null;
    for (const wrong of [
      {},
      [null],
      [{ name: 'a' }],
      [{ name: 'a b', build }],
      [
        { name: 'a', build },
        { name: 'a', build },
      ],
    ]) {
      expect(() => new ServerContainer({ extensions: wrong as unknown as ExtensionFactory[] })).toThrow(IllegalArgumentException);
    }
  });
});

describe('[HS-5] what is agreed on', () => {
  it('parameter sets are grouped by name; the first that the factory accepts is stated by what it built', async () => {
    const factory = xor();
    const offer = 'xor; key=999, unknown, xor; key=7; flag, xor; key=8';
    expect(await agreed(offer, { extensions: [factory] })).toBe('xor; key=7');
    expect(factory.asked).toEqual([
      [
        true,
        [
          [['key', '999']],
          [
            ['key', '7'],
            ['flag', null],
          ],
          [['key', '8']],
        ],
      ],
    ]);
    expect(factory.made).toHaveLength(1);
  });

  it('what is declined, or has nobody to run it, is dropped without a word', async () => {
    expect(await agreed('xor; key=999, unknown', { extensions: [xor()] })).toBeUndefined();
    expect(await agreed('Xor', { extensions: [xor()] })).toBeUndefined();
  });

  it('in first-seen order, but permessage-deflate first, as it is next to the application', async () => {
    const extensions = [xor(), xor({ name: 'other', rsv: 3 })];
    expect(await agreed('other, xor, other', { extensions })).toBe('other; key=90, xor; key=90');
    expect(await agreed('xor, permessage-deflate', { extensions, perMessageDeflate: true })).toBe(`${DEFLATE}, xor; key=90`);
  });

  it.each([
    ['one another', 'xor, other', [xor(), xor({ name: 'other' })], 'The extensions xor and other both use RSV2.'],
    [
      'permessage-deflate',
      'other, permessage-deflate',
      [xor({ name: 'other', rsv: 1 })],
      'The extensions permessage-deflate and other both use RSV1.',
    ],
  ])('two that use the same bit, %s: 500 RSV_CLASH, logged', async (_what, offer, extensions, sentence) => {
    @ServerEndpoint('/talk')
    class Talk {}
    const started = await start(Talk, { extensions, perMessageDeflate: true });
    const { status, body } = await ask(started, { headers: { [HEADER]: offer } });
    expect([status, body]).toEqual([500, `${sentence} [MARGAY_RSV_CLASH]`]);
    expect(started.log.filter(({ level }) => level === 'error').map(({ code }) => code)).toEqual(['MARGAY_RSV_CLASH']);
    expect(extensions.flatMap(({ made }) => made.map(({ closed }) => closed))).toEqual(extensions.map(() => 1));
    const one = await ask(started, { headers: { [HEADER]: 'other' } });
    expect(one.status).toBe(101);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['builds no transformation', () => ({ rsv: [], parameters: [] })],
    ['names a bit that there is not', () => ({ rsv: [4], parameters: [], ...IDLE })],
    ['has a parameter no header can carry', () => ({ rsv: [], parameters: [{ getName: () => 'a', getValue: () => 'b;c' }], ...IDLE })],
  ])('a factory that %s: 500 HOOK_FAILED, and the others are closed', async (_what, build) => {
    @ServerEndpoint('/talk')
    class Talk {}
    const other = xor();
    const started = await start(Talk, { extensions: [other, { name: 'bad', build: build as unknown as ExtensionFactory['build'] }] });
    const { status, body } = await ask(started, { headers: { [HEADER]: 'xor, bad' } });
    expect([status, body]).toEqual([500, 'The endpoint could not be prepared. [MARGAY_HOOK_FAILED]']);
    expect(other.made.map(({ closed }) => closed)).toEqual([1]);
  });

  it('[EXT-16] what was built for a handshake that fails is closed, once', async () => {
    const hold = gate();
    class Hooks extends ServerEndpointConfig.Configurator {
      override async modifyHandshake(): Promise<void> {
        await hold.promise;
      }
    }
    @ServerEndpoint({ value: '/talk', configurator: Hooks, hookTimeout: 50 })
    class Talk {}
    const factory = xor();
    const { status } = await ask(await start(Talk, { extensions: [factory] }), { headers: { [HEADER]: 'xor' } });
    hold.open();
    expect([status, factory.made.map(({ closed }) => closed)]).toEqual([503, [1]]);
  });
});

describe('[EXT-16] a connection with an extension', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('talks through it, both ways (slow: %s, compressed: %s)', async (slow, perMessageDeflate) => {
    const seen: unknown[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        seen.push(names(session.getNegotiatedExtensions()));
      }

      @OnMessage
      async text(message: string): Promise<string> {
        return `${message}!`;
      }

      @OnClose
      close(): void {
        seen.push('closed');
      }
    }
    const factory = xor({ slow });
    const started = await start(Talk, { extensions: [factory], perMessageDeflate });
    const offer = perMessageDeflate ? 'xor; key=7, permessage-deflate' : 'xor; key=7';
    const peer = await RawPeer.open(started, '/talk', { lines: [`${HEADER}: ${offer}`] });
    const [extension] = factory.made;
    const hidden = (text: string) => extension?.turn(Buffer.from(text)) as Buffer;
    peer.send({ opcode: 1, rsv: 2, payload: hidden('one '), fin: false }, { opcode: 9, rsv: 2, payload: hidden('?') });
    peer.send({ opcode: 0, rsv: 2, payload: hidden('two') }, { opcode: 1, rsv: 2, payload: hidden('three') });
    await eventually(() => expect(peer.frames).toHaveLength(3));
    expect(peer.frames.map(({ opcode, rsv }) => [opcode, rsv])).toEqual([
      [10, 2],
      [1, perMessageDeflate ? 6 : 2],
      [1, perMessageDeflate ? 6 : 2],
    ]);
    if (!perMessageDeflate) expect(peer.frames.map(({ payload }) => String(extension?.turn(payload)))).toEqual(['?', 'one two!', 'three!']);
    peer.send({ opcode: 8, rsv: 2, payload: extension?.turn(Buffer.from([3, 232])) as Buffer });
    await peer.finished();
    await eventually(() =>
      expect([seen, extension?.closed]).toEqual([[perMessageDeflate ? ['permessage-deflate', 'xor'] : ['xor'], 'closed'], 1]),
    );
  });

  it('that fails tells @OnError, with its error as the cause, and closes with 1002', async () => {
    const seen: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(message: string): void {
        seen.push(message);
      }

      @OnError
      error(error: Error): void {
        seen.push(`${(error as Error & { code: string }).code} ${(error.cause as Error).message}`);
      }
    }
    const factory = xor();
    const peer = await RawPeer.open(await start(Talk, { extensions: [factory] }), '/talk', { lines: [`${HEADER}: xor`] });
    peer.text('without the bit');
    await eventually(() => expect(seen).toEqual(['MARGAY_PROTOCOL a frame without the bit']));
    await eventually(() => expect(peer.frames).toHaveLength(1));
    expect(factory.made[0]?.turn(peer.frames[0]?.payload as Buffer).readUInt16BE(0)).toBe(1002);
  });
});
