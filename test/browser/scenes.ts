/** What the page's scenes come to, in whatever world the page runs, and the server they need. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect } from '@jest/globals';
import { CloseReason, OnClose, OnMessage, OnOpen, PongMessage, ServerContainer, ServerEndpoint, Session } from 'margay';
import type { Scene } from './page.js';

/** What the mirror's @OnClose saw on this stage, one for each session. */
let goodbyes: [code: number, phrase: string][] = [];
/** Drops the TCP connections of the stage. */
let vanish: () => void = () => {};

/** Gives back what comes, and does what it is told. */
@ServerEndpoint({ value: '/mirror', subprotocols: ['v1'] })
class Mirror {
  @OnMessage
  async text(message: string, session: Session): Promise<string | undefined> {
    const [, code, phrase] = /^close (\d+) (.*)$/.exec(message) ?? [];
    if (message === 'vanish') vanish();
    else if (message === 'ping') await session.getBasicRemote().sendPing(Buffer.from('there?'));
    else if (code === undefined) return message;
    else {
      await session.getBasicRemote().sendText('goodbye');
      await session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(Number(code)), phrase));
    }
    return undefined;
  }

  @OnMessage
  binary(message: Buffer): Buffer {
    return message;
  }

  @OnMessage
  pong(message: PongMessage): string {
    return `pong ${message.getApplicationData()}`;
  }

  @OnClose
  closed(reason: CloseReason): void {
    goodbyes.push([reason.getCloseCode().getCode(), reason.getReasonPhrase()]);
  }
}

/** Speaks before anybody else does. */
@ServerEndpoint('/early')
class Early {
  @OnOpen
  open(session: Session): void {
    for (const word of ['one', 'two', 'three']) void session.getAsyncRemote().sendText(word);
  }
}

/** A server with a page and the endpoints that its script talks to. */
export interface Stage {
  /** http URL of the page. */
  readonly page: string;
  /** ws URL, without a path. */
  readonly url: string;
  /** ws URL at which nobody listens. */
  readonly nobody: string;
  /** How the mirror's sessions have ended. */
  goodbyes(): [code: number, phrase: string][];
  close(): Promise<void>;
}

export async function stage(script: string): Promise<Stage> {
  goodbyes = [];
  const server = createServer(({ url }, response) => {
    if (url === '/page.js') response.setHeader('Content-Type', 'text/javascript').end(script);
    else
      response
        .setHeader('Content-Type', 'text/html')
        .end('<!doctype html><meta charset=utf-8><link rel=icon href=data:,><script src=/page.js></script>');
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  vanish = () => {
    for (const socket of sockets) socket.destroy();
  };
  const silent = () => {};
  const container = new ServerContainer({ logger: { debug: silent, info: silent, warn: silent, error: silent } });
  for (const endpoint of [Mirror, Early]) await container.addEndpoint(endpoint);
  await container.attach(server);
  const [port, free] = [await listening(server), await freePort()];
  return {
    page: `http://localhost:${port}/`,
    url: `ws://localhost:${port}`,
    nobody: `ws://localhost:${free}/`,
    goodbyes: () => [...goodbyes],
    async close() {
      await container.close();
      vanish();
      server.close();
    },
  };
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const UNSUPPORTED = ['UnsupportedOperationException', 'MARGAY_UNSUPPORTED'];
const saying = (words: RegExp) => [...UNSUPPORTED, expect.stringMatching(words)];
const CONNECT = ['DeploymentException', 'MARGAY_CONNECT'];

/** One scene, and what must come of it; `ends`: how the server sees its sessions end, where that is part of it. */
export interface Act {
  readonly title: string;
  readonly scene: Scene;
  readonly args?: readonly (string | number)[];
  /** It is told the address of nobody. */
  readonly needsNobody?: boolean;
  readonly comes: unknown;
  readonly ends?: readonly (readonly [code: number, phrase: string])[];
}

export const ACTS: readonly Act[] = [
  {
    title: '[ANN-2] [CLI-1] [CLI-4] an annotated object talks: text, bytes, parts, and what was agreed on',
    scene: 'conversation',
    comes: {
      heard: [
        ['open', true],
        ['text', 'hello 🐾'],
        ['binary', 'Uint8Array', [1, 2, 255]],
        ['text', 'in parts'],
        ['text', 'async'],
      ],
      facts: ['v1', 0, false, 'a=1'],
      counts: [4, 4],
      closed: ['close', 1000, ''],
    },
    ends: [[1000, '']],
  },
  {
    title: '[CLI-8] what the server sends at once is not lost: it is heard behind @OnOpen',
    scene: 'early',
    comes: [
      ['open', true],
      ['text', 'one'],
      ['text', 'two'],
      ['text', 'three'],
      ['close', 1000, ''],
    ],
  },
  { title: '[CLI-6] a server that takes none of the subprotocols is no server for a browser', scene: 'unagreed', comes: CONNECT },
  {
    title: 'a lost connection is made again, and what was sent meanwhile arrives',
    scene: 'comesBack',
    comes: [
      ['open', true],
      ['close', 1006],
      ['open', true],
      ['text', 'meanwhile'],
      ['close', 1000],
    ],
  },
  { title: '[COD-1] objects travel through encoders and decoders', scene: 'coders', comes: [[true, 3, 4]] },
  { title: '[ANN-10] a large message is taken in parts', scene: 'large', comes: [150_000, 8192, 19] },
  { title: '[CON-6] an Endpoint with a configuration talks', scene: 'programmatic', comes: ['who', 'v1', 'MARGAY_HANDLER_TYPE'] },
  {
    title: '[CLO-2] the page closes with a code that pages may say',
    scene: 'closes',
    args: [4001, 'enough'],
    comes: ['close', 4001, 'enough'],
    ends: [[4001, 'enough']],
  },
  {
    title: '[CLO-2] the page closes with a code that pages may not say: the server hears of none',
    scene: 'closes',
    args: [1001, 'away'],
    comes: ['close', 1001, 'away'],
    ends: [[1005, '']],
  },
  ...([1000, 1001, 1011, 3000, 4999] as const).map((code) => ({
    title: `[CLO-4] the server closes with ${code}, behind what it sent`,
    scene: 'isClosed' as const,
    args: [code, 'grüß dich'],
    comes: [['open', true], ['text', 'goodbye'], ['close', code, 'grüß dich'], false],
    ends: [[code, 'grüß dich'] as const],
  })),
  { title: '[CLO-13] the server is lost', scene: 'isLost', comes: ['close', 1006, expect.any(String)] },
  {
    title: '[SES-16] a message is too big',
    scene: 'tooBig',
    comes: [
      ['open', true],
      ['error', 'SessionException', 'MARGAY_TOO_BIG'],
      ['close', 1009, expect.any(String)],
    ],
    ends: [[1005, '']],
  },
  {
    title: '[REM-1] pings are of the browser: it answers them, and a page sends none',
    scene: 'pings',
    comes: { answer: ['text', 'pong there?'], refused: [saying(/sendPing/), saying(/sendPong/)], isOpen: true },
  },
  {
    title: '[D-02] there are no streams, and a class that wants them is told before it connects',
    scene: 'streams',
    comes: [
      saying(/getSendWriter\(\).*send the message whole/),
      saying(/getSendStream\(\).*send the message whole/),
      saying(/Streamer.read\(\).*take the message whole/),
    ],
  },
  {
    title: '[CLI-9] options that a browser cannot have are refused by name',
    scene: 'options',
    comes: ['sslContext', 'proxy', 'proxyAuth', 'auth', 'origin', 'maxHeaderSize', 'maxRedirects', 'heartbeat'].map((option) => [
      option,
      [...UNSUPPORTED, true],
    ]),
  },
  {
    title: '[CLI-5] [CLI-7] [CLI-11] so is what a configuration says, and an authenticator',
    scene: 'configurations',
    comes: [...Array(4).fill([...UNSUPPORTED, true]), UNSUPPORTED],
  },
  {
    title: '[CLI-5] afterResponse is called after success and failure, with no headers',
    scene: 'responses',
    needsNobody: true,
    comes: [[0, 0], CONNECT],
  },
  {
    title: '[CLI-1] a connect that fails says that a page is told no more',
    scene: 'nobody',
    needsNobody: true,
    comes: Array(2).fill([...CONNECT, true]),
  },
];
