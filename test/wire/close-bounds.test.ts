/**
 * Whoever begins a close, whatever the peer does then and whatever of ours is stuck: the socket is gone within twice
 * closeTimeout and lingerTimeout. [REL-13]
 */
import { randomBytes } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  CloseReason,
  Encoder,
  InputStream,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
  statistics,
  suspend,
} from 'margay';
import type { ExtensionFactory, Frame, Handled } from '../../src/transport/spi.js';
import { eventually } from '../support/eventually.js';
import { withFastSeconds } from '../support/fast-seconds.js';
import { frame, OPCODES } from '../support/frames.js';
import { cert, key } from '../support/localhost-certificate.js';
import { RawPeer } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { Squeezer } from '../support/squeezing.js';
import { start } from '../support/start.js';
import { OURS } from './conversation.js';

withFastSeconds();
jest.setTimeout(60_000); // as many handshakes, and TLS, take long on a busy machine

/** ms; the promise, and what a busy machine may add. */
const [CLOSE, LINGER, SLACK] = [300, 200, 6000];
const { text, binary, close, ping } = OPCODES;
/** More than the kernel takes, compressed or not. */
const MUCH = randomBytes(12_000_000);
const NEVER = new Promise<never>(() => {});

/** Every socket that a server of this process has accepted, by both ports: a peer's may be that of another's to another server. */
const accepted = new Map<string, Socket>();
const onAccepted = (message: unknown): void => {
  const { socket } = message as { readonly socket: Socket };
  accepted.set(`${socket.remotePort} ${socket.localPort}`, socket);
};
beforeAll(() => channel('net.server.socket').subscribe(onAccepted));
afterAll(() => channel('net.server.socket').unsubscribe(onAccepted));

interface Scene {
  readonly peer: RawPeer;
  readonly session: Session;
  /** What @OnClose was told. */
  readonly closes: readonly CloseReason[];
}

/** Who begins. */
const WHO: Readonly<Record<string, (on: Scene) => unknown>> = {
  'the application': ({ session }) => void session.close(OURS),
  'the application, with 1006': ({ session }) => void session.close(new CloseReason(CloseReason.CloseCodes.CLOSED_ABNORMALLY, '')),
  'the peer': ({ peer }) => peer.close(4000),
  'the peer, with a broken frame': ({ peer }) => peer.send({ opcode: 3 }),
  'the peer, by the end of its stream': ({ peer }) => peer.end(),
  'an idle timeout': ({ session }) => {
    session.setMaxIdleTimeout(1);
    return eventually(() => expect(session.isOpen()).toBe(false));
  },
};

/** Does it again and again, as long as there is a connection. */
function repeatedly(peer: RawPeer, action: (turn: number) => void): void {
  let turn = 0;
  const timer = setInterval(() => (peer.socket.writable ? action(turn++) : clearInterval(timer)), 5);
}

const long = frame({ opcode: text, payload: 'x'.repeat(60_000) });

/** What the peer does from then on. */
const HOW: Readonly<Record<string, (peer: RawPeer) => void>> = {
  'does nothing': () => {},
  'reads nothing': (peer) => peer.stopReading(),
  'sends a frame byte by byte': (peer) => repeatedly(peer, (turn) => peer.send(long.subarray(turn, turn + 1))),
  'sends a close frame byte by byte, and never its last': (peer) => {
    const bytes = frame({ opcode: close, payload: Buffer.alloc(125) }).subarray(0, -1);
    repeatedly(peer, (turn) => peer.send(bytes.subarray(turn, turn + 1)));
  },
  'floods messages': (peer) => repeatedly(peer, () => peer.send(long, long)),
  'floods compressed messages': (peer) => {
    const bytes = frame({ opcode: text, rsv: 4, payload: new Squeezer().squeeze('x'.repeat(500_000)) });
    repeatedly(peer, () => peer.send(bytes));
  },
  'sends pings for ever': (peer) => repeatedly(peer, () => peer.send({ opcode: ping, payload: 'wait' })),
  'leaves a message half sent': (peer) => peer.send({ opcode: text, fin: false, payload: 'half' }),
  'leaves a frame half sent': (peer) => peer.send(long.subarray(0, 10_000)),
  'answers, and keeps TCP open': (peer) => peer.close(1000),
  'answers twice, and goes on sending': (peer) => {
    peer.close(1000);
    repeatedly(peer, () => peer.send({ opcode: close }, long));
  },
  'ends its direction, and reads nothing': (peer) => {
    peer.stopReading();
    peer.end();
  },
};

/** What of ours is stuck. */
const STUCK = [
  'nothing',
  'our queue',
  'a handler',
  'a handler with a full backlog',
  'a handler with a stream that it does not read',
  '@OnOpen',
  '@OnClose',
  '@OnError',
  'an encoder',
  'a stream',
  'an extension',
  'it all, suspended',
] as const;
type Stuck = (typeof STUCK)[number];

class Note {}
class StuckEncoder extends Encoder.Text(Note) {
  override encode(): Promise<string> {
    return NEVER;
  }
}

/** Lets control frames pass, and no message. */
const stuckExtension: ExtensionFactory = {
  name: 'stuck',
  build: () => ({
    rsv: [],
    parameters: [],
    inbound: (frame: Frame) => frame,
    outbound: (frame: Frame): Handled<Frame> => (frame.opcode < close ? NEVER : frame),
  }),
};

interface Row {
  readonly who: string;
  readonly how: string;
  readonly stuck: Stuck;
  readonly way?: 'TLS' | 'permessage-deflate';
  readonly property?: boolean;
}

async function scene({ stuck, way, property = false }: Row): Promise<Scene> {
  let own: Session | undefined;
  const closes: CloseReason[] = [];
  @ServerEndpoint('/talk')
  class Talk {
    @OnOpen
    open(session: Session): Promise<never> | undefined {
      own = session;
      if (property) session.getUserProperties().set('org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT', String(CLOSE));
      return stuck === '@OnOpen' ? NEVER : undefined;
    }

    @OnMessage
    text(message: string): Promise<never> | undefined {
      if (message === 'fail') throw new Error('to @OnError');
      return message === 'stick' ? NEVER : undefined;
    }

    @OnMessage
    bytes(_stream: InputStream): Promise<never> {
      return NEVER;
    }

    @OnError
    error(_error: Error): Promise<never> | undefined {
      return stuck === '@OnError' ? NEVER : undefined;
    }

    @OnClose
    close(reason: CloseReason): Promise<never> | undefined {
      closes.push(reason);
      return stuck === '@OnClose' ? NEVER : undefined;
    }
  }
  const started = await start(ServerEndpointConfig.Builder.create(Talk, '/talk').encoders([StuckEncoder]).build(), {
    closeTimeout: property ? 60_000 : CLOSE,
    lingerTimeout: LINGER,
    perMessageDeflate: true,
    extensions: [stuckExtension],
    slowPeer: { policy: 'wait' },
    shutdownTimeout: 50,
    ...(way === 'TLS' ? { tls: { key, cert } } : {}),
  });
  const extension = stuck === 'an extension' ? 'stuck' : way === 'permessage-deflate' ? way : null;
  const lines = extension === null ? [] : [`Sec-WebSocket-Extensions: ${extension}`];
  const peer = await RawPeer.open(started, '/talk', { lines, secure: way === 'TLS' });
  const session = await eventually(() => own ?? Promise.reject(new Error('@OnOpen has not been called')));
  await stick(stuck, peer, session);
  return { peer, session, closes };
}

async function stick(stuck: Stuck, peer: RawPeer, session: Session): Promise<void> {
  const [basic, remote] = [session.getBasicRemote(), session.getAsyncRemote()];
  if (stuck === 'a handler') peer.text('stick');
  if (stuck === 'a handler with a full backlog') {
    for (let i = 0; i < 70; i++) peer.text('stick');
    await eventually(() => expect(statistics(session).messagesReceived).toBeGreaterThan(64));
  }
  if (stuck === 'a handler with a stream that it does not read') {
    peer.send({ opcode: binary, fin: false, payload: MUCH.subarray(0, 300_000) });
    await eventually(() => expect(statistics(session).bytesReceived).toBeGreaterThan(100_000));
  }
  if (stuck === '@OnError') peer.text('fail');
  if (stuck === 'our queue') {
    peer.stopReading();
    void remote.sendBinary(MUCH).catch(() => {});
  }
  if (stuck === 'an encoder') void remote.sendObject(new Note()).catch(() => {});
  if (stuck === 'a stream')
    basic
      .getSendWriter()
      .on('error', () => {})
      .write('begun');
  if (stuck === 'an extension') void remote.sendText('x');
  if (stuck === 'it all, suspended') suspend(session);
  if (stuck === 'a handler' || stuck === '@OnError') {
    peer.ping('behind it');
    await peer.ponged();
  }
}

const nameOf = ({ who, how, stuck, way, property }: Row): string =>
  `${who} closes; the peer ${how}; stuck: ${stuck}; ${way ?? 'TCP'}${property ? '; by SESSION_CLOSE_TIMEOUT' : ''}`;

/** How long the socket stays, in ms, from the moment the close has begun. */
async function stays(row: Row): Promise<number> {
  const on = await scene(row);
  const ports = `${on.peer.socket.localPort} ${on.peer.socket.remotePort}`;
  const socket = accepted.get(ports) as Socket;
  accepted.delete(ports);
  const gone = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now())));
  await WHO[row.who]?.(on);
  const since = performance.now();
  if (on.peer.socket.writable) HOW[row.how]?.(on.peer);
  const late = new Promise<number>((resolve) => setTimeout(resolve, 2 * CLOSE + LINGER + SLACK, Number.POSITIVE_INFINITY).unref());
  const took = (await Promise.race([gone, late])) - since;
  on.peer.reset();
  await eventually(() => expect(on.closes).toHaveLength(1));
  return took;
}

const PEOPLE = Object.keys(WHO);
const HABITS = Object.keys(HOW);

/** Of what the peer sends nothing is read then. [LIF-8, EXT-1] */
const UNREAD: readonly Stuck[] = ['a handler with a full backlog', 'a handler with a stream that it does not read', 'it all, suspended'];
const isPossible = ({ who, stuck }: Row): boolean => !(UNREAD.includes(stuck) && who.startsWith('the peer'));

async function allGo(rows: readonly Row[]): Promise<void> {
  await sideBySide(rows.filter(isPossible), nameOf, async (row) => expect(await stays(row)).toBeLessThan(2 * CLOSE + LINGER + SLACK));
}

describe('[REL-13] the socket is gone in time', () => {
  it('whoever closes, whatever the peer does', () =>
    allGo(PEOPLE.flatMap((who) => HABITS.map((how) => ({ who, how, stuck: 'nothing' as const })))));

  it('whoever closes, whatever of ours is stuck', () =>
    allGo(
      PEOPLE.flatMap((who) => STUCK.slice(1).flatMap((stuck) => ['does nothing', 'reads nothing'].map((how) => ({ who, how, stuck })))),
    ));

  it.each(['TLS', 'permessage-deflate'] as const)('over %s', (way) =>
    allGo(
      PEOPLE.flatMap((who) =>
        HABITS.map((how) => ({ who, how, stuck: how === 'reads nothing' ? 'our queue' : ('nothing' as Stuck), way })),
      ),
    ),
  );

  it('[EXT-3] by the property of a session', () =>
    allGo(
      PEOPLE.flatMap((who) =>
        (['nothing', 'our queue', 'a handler', 'an encoder'] as const).map((stuck) => ({
          who,
          how: 'does nothing',
          stuck,
          property: true,
        })),
      ),
    ));
});
