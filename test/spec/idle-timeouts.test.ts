/** Silence in one direction, and the clock behind it. [EXT-5, EXT-7] */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  CloseReason,
  type ContainerOptions,
  OnClose,
  OnMessage,
  OnOpen,
  ServerEndpoint,
  ServerEndpointConfig,
  type ServerEndpointOptions,
  Session,
} from 'margay';
import { ticker } from '../../src/runtime/ticker.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const READ = 'org.apache.tomcat.websocket.READ_IDLE_TIMEOUT_MS';
const WRITE = 'org.apache.tomcat.websocket.WRITE_IDLE_TIMEOUT_MS';
const CLOSE = 'org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT';

/** An endpoint that sends, or whose peer does, every 100 ms; both, one or neither. */
async function talking(
  own: Partial<ServerEndpointOptions>,
  { sends = false, peerSends = false, properties = {} }: { sends?: boolean; peerSends?: boolean; properties?: Record<string, unknown> },
  options: ContainerOptions = {},
) {
  const reasons: CloseReason[] = [];
  let timer: ReturnType<typeof setInterval> | undefined;
  @ServerEndpoint({ value: '/talk', ...own })
  class Talk {
    @OnOpen
    open(session: Session): void {
      for (const [key, value] of Object.entries(properties)) session.getUserProperties().set(key, value);
      if (sends) timer = setInterval(() => void session.getAsyncRemote().sendText('x'), 100);
    }

    @OnClose
    close(reason: CloseReason): void {
      clearInterval(timer);
      reasons.push(reason);
    }
  }
  const peer = await RawPeer.open(await start(Talk, options), '/talk');
  const pings = peerSends ? setInterval(() => peer.send({ opcode: OPCODES.pong }), 100) : undefined;
  return { peer, reasons, stop: () => clearInterval(pings) };
}

describe('[EXT-5] idle timeouts of one direction', () => {
  withFastSeconds();

  it.each<[string, Parameters<typeof talking>, string]>([
    ['nothing comes, by the option', [{ readIdleTimeout: 300 }, { sends: true }], 'no byte from the peer for 300 ms'],
    ['nothing comes, by the container', [{}, { sends: true }, { readIdleTimeout: 300 }], 'no byte from the peer for 300 ms'],
    [
      'nothing comes, by the property',
      [{ readIdleTimeout: 60_000 }, { sends: true, properties: { [READ]: 300 } }],
      'from the peer for 300 ms',
    ],
    ['nothing goes, by the option', [{ writeIdleTimeout: 300 }, { peerSends: true }], 'no byte to the peer for 300 ms'],
    ['nothing goes, by the property', [{}, { peerSends: true, properties: { [WRITE]: '300' } }], 'no byte to the peer for 300 ms'],
  ])('%s: 1001 on the wire, 1006 locally, with a phrase of its own', async (_what, given, phrase) => {
    const { peer, reasons, stop } = await talking(...given);
    expect(await peer.closeFrame()).toMatchObject({ code: 1001 });
    stop();
    await eventually(() => expect(reasons).toHaveLength(1));
    expect(reasons[0]?.getCloseCode()).toBe(CloseReason.CloseCodes.CLOSED_ABNORMALLY);
    expect(reasons[0]?.getReasonPhrase()).toContain(phrase);
  });

  it.each<[string, Parameters<typeof talking>]>([
    [
      'both directions are busy',
      [
        { readIdleTimeout: 1500, writeIdleTimeout: 1500, maxIdleTimeout: 1500 },
        { sends: true, peerSends: true },
      ],
    ],
    ['they are off', [{ readIdleTimeout: 0, writeIdleTimeout: -1 }, {}]],
    ['the property turns the option off', [{ readIdleTimeout: 200 }, { properties: { [READ]: '0', [WRITE]: 'soon' } }]],
  ])('none when %s', async (_what, given) => {
    const { peer, reasons, stop } = await talking(...given);
    await sleep(1800);
    stop();
    expect([reasons, peer.frames.some(({ opcode }) => opcode === OPCODES.close)]).toEqual([[], false]);
  });

  it('a peer that we do not read from is not silent', async () => {
    const hold = gate();
    let got = 0;
    @ServerEndpoint({ value: '/slow', readIdleTimeout: 300, backlog: { events: 1 } })
    class Slow {
      @OnMessage
      async text(_message: string): Promise<void> {
        got++;
        if (got === 1) await hold.promise;
      }
    }
    const peer = await RawPeer.open(await start(Slow), '/slow');
    for (let i = 0; i < 4; i++) peer.text('x');
    await sleep(900);
    expect(peer.frames).toEqual([]);
    hold.open();
    await eventually(() => expect(got).toBe(4));
    expect(await peer.closeFrame()).toMatchObject({ code: 1001 }); // now it is
  });
});

describe('[EXT-7] the ticker', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('is one timer for all, from the first session to the last, and keeps no process alive', async () => {
    const made = jest.spyOn(globalThis, 'setInterval');
    const ended = jest.spyOn(globalThis, 'clearInterval');
    @ServerEndpoint('/talk')
    class Talk {}
    const { dial } = await start(Talk);
    expect([ticker.size, made.mock.calls.length]).toEqual([0, 0]);
    const peers = [await dial('/talk'), await dial('/talk'), await dial('/talk')];
    const timers = made.mock.results.filter((_, i) => made.mock.calls[i]?.[1] === 1000).map(({ value }) => value as NodeJS.Timeout);
    expect([ticker.size, timers.length, timers[0]?.hasRef()]).toEqual([3, 1, false]);
    for (const peer of peers) peer.socket.close();
    await eventually(() => expect(ticker.size).toBe(0));
    expect(ended.mock.calls.map(([timer]) => timer)).toContain(timers[0]);
    await dial('/talk');
    expect(ticker.size).toBe(1);
  });
});

describe('[EXT-9, EXT-10] what Tomcat had and has no meaning here', () => {
  it.each([
    ['executorCoreSize', '10'],
    ['executorKeepAliveTimeSeconds', '60'],
    ['STRICT_SPEC_COMPLIANCE', 'true'],
    ['noAddAfterHandshake', 'true'],
    ['DISABLE_BUILTIN_EXTENSIONS', 'true'],
    ['ALLOW_UNSUPPORTED_EXTENSIONS', 'true'],
    ['textBufferSize', '3'],
    ['binaryBufferSize', '3'],
  ])('%s is accepted and changes nothing', async (key, value) => {
    @ServerEndpoint('/talk')
    class Talk {
      @OnOpen
      open(session: Session): void {
        session.getUserProperties().set(`org.apache.tomcat.websocket.${key}`, value);
      }

      @OnMessage
      text(message: string): string {
        return message;
      }
    }
    @ServerEndpoint('/late')
    class Late {}
    const config = ServerEndpointConfig.Builder.create(Talk, '/talk').build();
    config.getUserProperties().set(`org.apache.tomcat.websocket.${key}`, value);
    const { container, dial, log } = await start(config, { perMessageDeflate: true });
    const peer = await dial('/talk', { perMessageDeflate: true });
    peer.send('a long one');
    expect(await peer.take(1)).toEqual(['a long one']);
    expect(peer.socket.extensions).toBe('permessage-deflate');
    await container.addEndpoint(Late);
    expect(log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });
});

it.each([READ, WRITE, CLOSE])('[REL-1, EXT-3, EXT-5] a property that is no time disturbs no timer and no close: %s', async (property) => {
  const odd = {
    valueOf: () => {
      throw new Error('no time');
    },
  };
  const values = [Symbol('soon'), odd, Object.create(null), Number.NaN, '', true];
  const reasons: string[] = [];
  @ServerEndpoint('/odd')
  class Odd {
    @OnMessage
    text(index: string, session: Session): void {
      session.getUserProperties().set(property, values[Number(index)]);
    }
    @OnClose
    close(reason: CloseReason): void {
      reasons.push(String(reason));
    }
  }
  const started = await start(Odd);
  for (const index of values.keys()) {
    const peer = await RawPeer.open(started, '/odd');
    peer.text(`${index}`);
    await sleep(120); // the clock looks at it meanwhile
    expect(peer.hasEnded).toBe(false);
    peer.close(1000);
    expect(await peer.closeFrame()).toEqual({ code: 1000, phrase: '' });
    await peer.finished();
  }
  await eventually(() => expect(reasons).toHaveLength(values.length));
});
