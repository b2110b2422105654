/** A message of exactly its limit passes, and one byte more is 1009, however the message is written down. [REL-8, ANN-15, SES-16, D-12] */
import { expect, it } from '@jest/globals';
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually } from '../support/eventually.js';
import { type FrameParts, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { sideBySide } from '../support/side-by-side.js';
import { Squeezer, squeezed } from '../support/squeezing.js';
import { start } from '../support/start.js';
import { xor } from '../support/xor-extension.js';

const { continuation, text, binary } = OPCODES;
const LIMIT = 1000; // bytes

/** What is sent: exactly the limit, characters of one to four bytes. */
const CONTENTS: Record<string, Buffer> = {
  'text of 1-byte characters': Buffer.from('x'.repeat(LIMIT)),
  'text of 2-byte characters': Buffer.from('é'.repeat(LIMIT / 2)),
  'text of 3-byte characters': Buffer.from(`x${'€'.repeat((LIMIT - 1) / 3)}`),
  'text of 4-byte characters': Buffer.from('😀'.repeat(LIMIT / 4)),
  'binary data': Buffer.from(Array.from({ length: LIMIT }, (_, i) => (i * 2654435761) >>> 24)),
};

type Encoding = (opcode: number, bytes: Buffer) => FrameParts[];

/** As many frames as there are pieces; bits of the first, bits of each. */
function fragments(opcode: number, pieces: readonly Buffer[], first = 0, each = 0): FrameParts[] {
  return pieces.map((payload, i) => ({
    opcode: i === 0 ? opcode : continuation,
    rsv: i === 0 ? first | each : each,
    fin: i === pieces.length - 1,
    payload,
  }));
}

const sliced = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
const NOTHING = Buffer.alloc(0);
/** A stored block that is not the last, and the beginning of the one that the trailer completes. */
function stored(bytes: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt16LE(bytes.length, 1);
  header.writeUInt16LE(bytes.length ^ 0xffff, 3);
  return Buffer.concat([header, bytes, Buffer.from([0])]);
}

const DEFLATE = 'permessage-deflate; client_no_context_takeover';
const TAKEOVER = 'permessage-deflate';
const RSV1 = 4;
const RSV2 = 2;

/** What is offered, and how a message is then encoded. */
const ENCODINGS: Record<string, readonly [offer: string | null, Encoding]> = {
  'one frame': [null, (opcode, bytes) => fragments(opcode, [bytes])],
  'two fragments': [null, (opcode, bytes) => fragments(opcode, [bytes.subarray(0, 601), bytes.subarray(601)])],
  'fragments of 7 bytes': [null, (opcode, bytes) => fragments(opcode, sliced(bytes, 7))],
  'fragments of 1 byte, empty ones between them': [
    null,
    (opcode, bytes) =>
      fragments(
        opcode,
        sliced(bytes, 1).flatMap((each) => [NOTHING, each, NOTHING]),
      ),
  ],
  'one compressed frame': [DEFLATE, (opcode, bytes) => fragments(opcode, [squeezed(bytes)], RSV1)],
  'one stored block': [DEFLATE, (opcode, bytes) => fragments(opcode, [stored(bytes)], RSV1)],
  'compressed fragments of 3 bytes, empty ones between them': [
    DEFLATE,
    (opcode, bytes) =>
      fragments(
        opcode,
        sliced(squeezed(bytes), 3).flatMap((each) => [each, NOTHING]),
        RSV1,
      ),
  ],
  'one compressed frame behind others of the same context': [
    TAKEOVER,
    (opcode, bytes) => {
      const squeezer = new Squeezer({ takeover: true });
      const before = [squeezer.squeeze('first'), squeezer.squeeze(bytes.subarray(0, LIMIT / 2))];
      return [...before.map((payload) => ({ opcode: binary, rsv: RSV1, payload })), ...fragments(opcode, [squeezer.squeeze(bytes)], RSV1)];
    },
  ],
  'one frame through an extension': ['xor; key=0', (opcode, bytes) => fragments(opcode, [bytes], 0, RSV2)],
  'fragments of 7 bytes through an extension': ['xor; key=0', (opcode, bytes) => fragments(opcode, sliced(bytes, 7), 0, RSV2)],
  'compressed, and through an extension': [
    `${DEFLATE}, xor; key=0`,
    (opcode, bytes) => fragments(opcode, sliced(squeezed(bytes), 5), RSV1, RSV2),
  ],
};

interface Row {
  readonly what: string;
  readonly path: string;
  readonly encoding: string;
  readonly manner: 'exactly the limit' | 'a byte more' | 'a byte more, and unfinished';
}

const MANNERS = ['exactly the limit', 'a byte more', 'a byte more, and unfinished'] as const;
const nameOf = ({ what, path, encoding, manner }: Row): string => `${what}, ${encoding}, ${path}, ${manner}`;

/** Sizes of messages, then codes of errors and of close reasons, by the peer's number. */
const told = new Map<string, (number | string)[]>();
const of = (session: Session): (number | string)[] => told.get(session.getRequestParameterMap().get('id')?.[0] as string) ?? [];

abstract class Talk {
  @OnError
  error(error: Error, session: Session): void {
    of(session).push((error as Error & { code: string }).code);
  }
  @OnClose
  close(reason: CloseReason, session: Session): void {
    of(session).push(reason.getCloseCode().getCode());
  }
}

@ServerEndpoint('/max-message-size')
class Annotated extends Talk {
  @OnMessage({ maxMessageSize: LIMIT })
  text(message: string, session: Session): void {
    of(session).push(Buffer.byteLength(message));
  }
  @OnMessage({ maxMessageSize: LIMIT })
  binary(message: Buffer, session: Session): void {
    of(session).push(message.length);
  }
}

@ServerEndpoint('/set-by-the-session')
class SetLater extends Talk {
  @OnOpen
  open(session: Session): void {
    session.setMaxTextMessageBufferSize(LIMIT);
    session.setMaxBinaryMessageBufferSize(LIMIT);
  }
  @OnMessage
  text(message: string, session: Session): void {
    of(session).push(Buffer.byteLength(message));
  }
  @OnMessage
  binary(message: Buffer, session: Session): void {
    of(session).push(message.length);
  }
}

it.each([
  ['/max-message-size', Object.keys(CONTENTS)],
  ['/set-by-the-session', ['text of 3-byte characters', 'binary data']],
])('[REL-8, ANN-15, SES-16] %s', async (path, contents) => {
  const options = {
    perMessageDeflate: { serverNoContextTakeover: false, clientNoContextTakeover: false },
    extensions: [xor()],
  };
  const started = await start([Annotated, SetLater], options);
  let peers = 0;
  const rows = contents.flatMap((what) =>
    Object.keys(ENCODINGS).flatMap((encoding) => MANNERS.map((manner): Row => ({ what, path, encoding, manner }))),
  );
  await sideBySide(rows, nameOf, async ({ what, encoding, manner }) => {
    const id = `${path} ${++peers}`;
    const events: (number | string)[] = [];
    told.set(id, events);
    const [offer, encode] = ENCODINGS[encoding] as (typeof ENCODINGS)[string];
    const lines = offer === null ? [] : [`Sec-WebSocket-Extensions: ${offer}`];
    const peer = await RawPeer.open(started, `${path}?id=${encodeURIComponent(id)}`, { lines });
    const exact = CONTENTS[what] as Buffer;
    const bytes = manner === 'exactly the limit' ? exact : Buffer.concat([exact, Buffer.from('y')]);
    const frames = encode(what.startsWith('text') ? text : binary, bytes);
    if (manner.endsWith('unfinished')) frames.push({ ...(frames.pop() as FrameParts), fin: false });
    peer.send(...frames);
    const before = encoding.includes('behind others') ? [5, LIMIT / 2] : [];
    const want = [...before, ...(manner === 'exactly the limit' ? [LIMIT] : ['MARGAY_TOO_BIG', 1009])];
    await eventually(() => expect(events).toEqual(want));
    if (manner !== 'exactly the limit') expect(await peer.closeFrame()).toMatchObject({ code: 1009 });
    peer.reset();
  });
});
