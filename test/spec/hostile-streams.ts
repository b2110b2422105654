/**
 * A process of its own in which messages are cut off in every way while they are read in every way; it prints what reached the
 * process, as JSON. Run by test/spec/message-streams-ends.test.ts.
 */
import { connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InputStream, OnClose, OnMessage, PathParam, Reader, ServerEndpoint, Session, serve } from '../../src/index.js';
import { sleep } from '../support/eventually.js';
import { closing, frame, OPCODES } from '../support/frames.js';
import { upgradeRequest } from '../support/raw-http.js';

const escaped: string[] = [];
process.on('unhandledRejection', (error) => escaped.push(`unhandledRejection ${String(error)}`));
process.on('uncaughtException', (error) => escaped.push(`uncaughtException ${String(error)}`));
process.on('warning', (warning) => escaped.push(`warning ${warning.name} ${warning.message}`));

type Stream = Reader | InputStream;

const sink = (): Writable =>
  new Writable({
    decodeStrings: false,
    write: (_chunk, _encoding, callback) => void setTimeout(callback, 1),
  });

const READ: Readonly<Record<string, (stream: Stream) => unknown>> = {
  nothing: () => {},
  asleep: () => sleep(30),
  iterates: async (stream) => {
    for await (const _chunk of stream as AsyncIterable<unknown>);
  },
  breaks: async (stream) => {
    for await (const _chunk of stream as AsyncIterable<unknown>) break;
  },
  events: (stream) =>
    new Promise((resolve) =>
      stream
        .on('data', () => {})
        .on('end', resolve)
        .on('close', resolve),
    ),
  pipes: (stream) => {
    stream.pipe(sink());
    return sleep(30);
  },
  pipeline: (stream) => pipeline(stream, sink()),
  destroys: (stream) => {
    stream.destroy(new Error('had enough'));
    return sleep(5);
  },
  throws: () => {
    throw new Error('thrown');
  },
};

const CUT: Readonly<Record<string, (socket: Socket) => unknown>> = {
  close: (socket) => socket.write(frame({ opcode: OPCODES.close, payload: closing(1000) })),
  end: (socket) => socket.end(),
  reset: (socket) => socket.resetAndDestroy(),
  protocol: (socket) => socket.write(frame({ opcode: OPCODES.text, payload: 'another' })),
  ours: (socket) => socket.write(frame({ opcode: OPCODES.continuation, payload: 'close' })),
};

let closed = 0;
let expected = 0;

@ServerEndpoint('/{how}/{cut}')
class Hostile {
  @OnMessage text(reader: Reader, session: Session, @PathParam('how') how: string, @PathParam('cut') cut: string): unknown {
    if (cut === 'ours') setTimeout(() => void session.close(), 5);
    return READ[how]?.(reader);
  }

  @OnMessage binary(stream: InputStream, session: Session, @PathParam('how') how: string, @PathParam('cut') cut: string): unknown {
    if (cut === 'ours') setTimeout(() => void session.close(), 5);
    return READ[how]?.(stream);
  }

  @OnClose close(): void {
    closed++;
  }
}

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const container = await serve({ endpoints: [Hostile], port: 0, host: '127.0.0.1', logger, closeTimeout: 300, shutdownTimeout: 1000 });
const port = Number(new URL(container.url).port);

async function attempt(how: string, cut: string, opcode: number): Promise<void> {
  expected++;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}).on('data', () => {});
  const isOpen = new Promise((resolve) => socket.once('data', resolve)); // before that there is no session to be closed
  const gone = new Promise((resolve) => socket.on('close', resolve));
  socket.write(upgradeRequest(`/${how}/${cut}`));
  socket.write(frame({ opcode, fin: false, payload: Buffer.alloc(100_000, 'x') }));
  await isOpen;
  await sleep(20);
  CUT[cut]?.(socket);
  await Promise.race([gone, sleep(600)]);
  socket.destroy();
}

const attempts: Promise<void>[] = [];
for (const how of Object.keys(READ)) {
  for (const cut of Object.keys(CUT)) attempts.push(attempt(how, cut, OPCODES.text), attempt(how, cut, OPCODES.binary));
}
await Promise.all(attempts);
await sleep(50);
await container.close();
console.log(JSON.stringify({ escaped, closed, expected }));
