/** Standard decorators: messages that are read while they arrive, in parts, and handlers that are added. */
import { describe, expect, it } from '@jest/globals';
import {
  binary,
  InputStream,
  Int,
  inputStream,
  last,
  MessageHandler,
  OnMessage,
  OnOpen,
  pathParam,
  Reader,
  reader,
  ServerEndpoint,
  type Session,
  session,
} from 'margay';
import { eventually } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { text, continuation } = OPCODES;

describe('in the standard dialect', () => {
  it('[D-01, ANN-9, ANN-18] a Reader and an InputStream by bindings, with the session and path values beside them', async () => {
    const seen: unknown[] = [];
    @ServerEndpoint('/{room}')
    class Streams {
      @OnMessage(session, reader, pathParam('room', Int))
      async text(own: Session, stream: Reader, room: number) {
        seen.push(own.isOpen(), stream instanceof Reader, room);
        for await (const chunk of stream) seen.push(chunk);
        return 'read';
      }

      @OnMessage(inputStream)
      async binary(stream: InputStream) {
        let size = 0;
        for await (const chunk of stream) size += chunk.length;
        return `${stream instanceof InputStream} ${size}`;
      }
    }
    const peer = await RawPeer.open(await start(Streams), '/7');
    peer.send({ opcode: text, fin: false, payload: 'a' });
    await eventually(() => expect(seen).toEqual([true, true, 7, 'a']));
    peer.send({ opcode: continuation, payload: 'b' }, { opcode: OPCODES.binary, payload: Buffer.alloc(100_000) });
    expect(await peer.received(2)).toEqual(['read', 'true 100000']);
    expect(seen.slice(4)).toEqual(['b']);
  });

  it('[SES-21, LIF-9] handlers added in an async @OnOpen beside declared parts get what has waited for them', async () => {
    const seen: string[] = [];
    @ServerEndpoint('/added')
    class Added {
      @OnOpen(session)
      async open(own: Session) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        class Texts extends MessageHandler.Whole(String) {
          onMessage(message: string): void {
            seen.push(message);
          }
        }
        own.addMessageHandler(new Texts());
      }

      @OnMessage(binary, last)
      part(part: Buffer, isLast: boolean) {
        seen.push(`${part} ${isLast}`);
      }
    }
    const behind = [
      { opcode: text, payload: '1' },
      { opcode: OPCODES.binary, fin: false, payload: '2' },
      { opcode: continuation, payload: '3' },
    ];
    await RawPeer.open(await start(Added), '/added', { behind });
    await eventually(() => expect(seen).toEqual(['1', '2 false', '3 true']));
  });
});
