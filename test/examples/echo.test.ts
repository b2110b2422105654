/** Echo, as a client sees it. */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { IOException, type Session } from 'margay';
import { EchoAnnotation } from '../../examples/echo/echo.js';
import { sleep } from '../support/eventually.js';
import { frame, OPCODES } from '../support/frames.js';
import { run } from './running.js';

const PATHS = [['/echo'], ['/examples/websocket/echoAnnotation']];
const TEXTS = ['hello', '', '你好，世界', '🐾👩‍👩‍👧‍👦', '<b>&"\'</b>', 'a\n\tb\0c'];

describe.each(PATHS)('echo at %s', (path) => {
  it.each(TEXTS)('[EX-E1] sends %j back as text', async (text) => {
    const { dial } = await run();
    const peer = await dial(path);
    peer.send(text);
    expect(await peer.next()).toBe(text);
  });

  it.each([0, 1, 125, 126, 65_535, 65_536, 300_000])('[EX-E1] sends %i bytes back as bytes', async (size) => {
    const { dial } = await run();
    const peer = await dial(path);
    const bytes = randomBytes(size);
    peer.send(bytes);
    expect(bytes.equals((await peer.next()) as Buffer)).toBe(true);
  });

  it('keeps the order of many', async () => {
    const { dial } = await run();
    const peer = await dial(path);
    const messages = Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? `text ${i}` : Buffer.from(`bytes ${i}`)));
    for (const message of messages) peer.send(message);
    expect(await peer.take(500)).toEqual(messages);
  });

  it('[EX-E1] answers a compressed message, compressed', async () => {
    const { dial } = await run();
    const peer = await dial(path, { perMessageDeflate: { threshold: 0 } });
    expect(peer.socket.extensions).toContain('permessage-deflate');
    const text = '你好🐾'.repeat(10_000);
    peer.send(text);
    expect(await peer.next()).toBe(text);
  });

  it('[EX-E1] ignores pongs', async () => {
    const { dial } = await run();
    const peer = await dial(path);
    peer.socket.pong('nobody asked');
    peer.send('still here');
    expect(await peer.next()).toBe('still here');
  });
});

describe('echoAnnotation', () => {
  const path = '/examples/websocket/echoAnnotation';

  it('[EX-E1] sends each part back at once, before the message has ended', async () => {
    const { url } = await run();
    const { socket, received } = await raw(url, path);
    socket.write(frame({ fin: false, opcode: OPCODES.text, payload: 'one ' }));
    await received((bytes) => expect(bytes).toEqual(frame({ fin: false, opcode: OPCODES.text, payload: 'one ', mask: null })));
    socket.write(frame({ opcode: OPCODES.continuation, payload: 'two' }));
    await received((bytes) => expect(bytes).toEqual(frame({ opcode: OPCODES.continuation, payload: 'two', mask: null })));
    socket.destroy();
  });

  it('[EX-E1] sends a message of one small frame back as one frame', async () => {
    const { url } = await run();
    const { socket, received } = await raw(url, path);
    const payload = randomBytes(8192);
    socket.write(frame({ opcode: OPCODES.binary, payload }));
    await received((bytes) => expect(bytes.equals(frame({ opcode: OPCODES.binary, payload, mask: null }))).toBe(true));
    socket.destroy();
  });

  it('[EX-E1] gives back in parts what came in parts, with the same content and type', async () => {
    const { dial } = await run();
    const peer = await dial(path);
    for (const part of ['你', '好🐾', '']) peer.part(part, false);
    peer.part('.', true);
    peer.part(Buffer.from([1]), false);
    peer.part(Buffer.from([2]), true);
    expect(await peer.take(2)).toEqual(['你好🐾.', Buffer.from([1, 2])]);
  });

  it('[EX-E1] takes a message of any size', async () => {
    const { dial } = await run();
    const peer = await dial(path);
    const bytes = randomBytes(5 * 1024 * 1024);
    peer.send(bytes);
    expect(bytes.equals((await peer.next()) as Buffer)).toBe(true);
  });
});

describe('echoAnnotation, when nothing can be sent any more', () => {
  it('[EX-E1] closes the session', async () => {
    const close = jest.fn(async () => {});
    const refused = () => Promise.reject(new IOException('gone'));
    const session = { close, getBasicRemote: () => ({ sendText: refused, sendBinary: refused }) } as unknown as Session;
    await new EchoAnnotation().text(session, 'part', false);
    await new EchoAnnotation().binary(session, Buffer.from('part'), false);
    expect(close).toHaveBeenCalledTimes(2);
  });
});

describe('echo', () => {
  it('ends a whole message of more than 1 MiB with 1009', async () => {
    const logged = jest.spyOn(console, 'error').mockImplementation(() => {});
    const { dial } = await run();
    const peer = await dial('/echo');
    peer.send(Buffer.alloc(1024 * 1024 + 1));
    expect(await peer.closed).toMatchObject({ code: 1009 });
    expect(logged.mock.calls).toEqual([['Echo:', expect.objectContaining({ code: 'MARGAY_TOO_BIG' })]]);
    logged.mockRestore();
  });
});

/** A client that reads frames as bytes: the 101 has been read. */
async function raw(url: string, path: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  while (!bytes.includes('\r\n\r\n')) await sleep(5);
  bytes = Buffer.alloc(0);
  /** Waits for bytes that satisfy the claim, and forgets them. */
  const received = async (claim: (bytes: Buffer) => void) => {
    const deadline = Date.now() + 3000;
    for (;;) {
      try {
        claim(bytes);
        bytes = Buffer.alloc(0);
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await sleep(5);
      }
    }
  };
  return { socket, received };
}
