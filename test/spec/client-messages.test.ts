/** Messages of a client, both ways: in every form, in order, and none lost that came with the 101. */
import { describe, expect, it } from '@jest/globals';
import {
  binary,
  ClientEndpoint,
  ClientEndpointConfig,
  CloseReason,
  ContainerProvider,
  Endpoint,
  InputStream,
  last,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  PongMessage,
  Reader,
  Session,
  text,
} from 'margay';
import { eventually, gate, sleep } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { liveClient } from '../support/live-client.js';
import { RawEnd } from '../support/raw-end.js';

const container = ContainerProvider.getWebSocketContainer();
const { text: TEXT, binary: BINARY, continuation, ping, pong } = OPCODES;

describe('forms', () => {
  it('[ANN-9, ANN-10, ANN-13] whole, parts, streams and pongs; what a handler returns is sent, masked', async () => {
    @ClientEndpoint
    class Whole {
      @OnMessage text(message: string): string {
        return `text ${message}`;
      }
      @OnMessage bytes(message: Buffer): Buffer {
        return Buffer.concat([Buffer.from('bytes '), message]);
      }
      @OnMessage pong(message: PongMessage): string {
        return `pong ${message.getApplicationData()}`;
      }
    }
    @ClientEndpoint
    class Parts {
      @OnMessage(text, last) text(part: string, isLast: boolean): string {
        return `${part} ${isLast}`;
      }
      @OnMessage(binary, last) bytes(part: Buffer, isLast: boolean): string {
        return `${part.toString()} ${isLast}`;
      }
    }
    @ClientEndpoint
    class Streams {
      @OnMessage async text(reader: Reader): Promise<string> {
        let all = '';
        for await (const chunk of reader) all += chunk;
        return `read ${all}`;
      }
      @OnMessage async bytes(stream: InputStream): Promise<number> {
        let size = 0;
        for await (const chunk of stream) size += chunk.length;
        return size;
      }
    }
    const rows: readonly (readonly [object, readonly string[]])[] = [
      [Whole, ['text ab', 'bytes cd', 'pong p']],
      [Parts, ['a false', 'b true', 'c false', 'd true']],
      [Streams, ['read ab', '2']],
    ];
    for (const [endpoint, answers] of rows) {
      const ends = await RawEnd.listen();
      await container.connectToServer(endpoint, ends.url);
      const end = await ends.next();
      end.send({ opcode: TEXT, fin: false, payload: 'a' }, { opcode: continuation, payload: 'b' });
      end.send({ opcode: BINARY, fin: false, payload: 'c' }, { opcode: continuation, payload: 'd' }, { opcode: pong, payload: 'p' });
      await eventually(() => expect(end.frames.map(({ payload }) => payload.toString())).toEqual(answers));
      expect(end.frames.every(({ masked }) => masked)).toBe(true);
    }
  });

  it('[REM-6, REM-7, REM-8, REM-9, REM-16] every send of the Basic remote reaches the server', async () => {
    const { basic, end } = await liveClient();
    await basic.sendText('text 你好');
    await basic.sendBinary(Buffer.from('binary'));
    await basic.sendText('pa', false);
    await basic.sendText('rt', true);
    const writer = basic.getSendWriter();
    writer.end('writer');
    await basic.sendObject('object');
    await basic.sendObject(new Uint8Array([104, 105]));
    await eventually(() => expect(end.frames).toHaveLength(7));
    expect(end.frames.map(({ opcode, fin, payload }) => [opcode, fin, payload.toString()])).toEqual([
      [TEXT, true, 'text 你好'],
      [BINARY, true, 'binary'],
      [TEXT, false, 'pa'],
      [continuation, true, 'rt'],
      [TEXT, true, 'writer'],
      [TEXT, true, 'object'],
      [BINARY, true, 'hi'],
    ]);
    expect(() => basic.sendText('\ud800')).toThrow(expect.objectContaining({ code: 'MARGAY_SURROGATE' }));
    expect(() => basic.sendText(null as never)).toThrow(expect.objectContaining({ code: 'MARGAY_ARGUMENT' }));
  });

  it('[REM-1, LIF-7] pings both ways; the answer is not queued behind a handler', async () => {
    const held = gate();
    const { basic, end } = await liveClient({ take: () => held.promise });
    end.text('holds');
    end.send({ opcode: ping, payload: 'are you there' });
    await eventually(() => expect(end.of('pong')).toEqual(['are you there']));
    await basic.sendPing(Buffer.from('and you'));
    await basic.sendPong(Buffer.from('by the way'));
    await eventually(() => expect([end.of('ping'), end.of('pong')]).toEqual([['and you'], ['are you there', 'by the way']]));
    expect(() => basic.sendPing(Buffer.alloc(126))).toThrow(expect.objectContaining({ code: 'MARGAY_CONTROL_SIZE' }));
    held.open();
  });

  it('[REM-2] batching keeps messages back until the flush', async () => {
    const { basic, end } = await liveClient();
    await basic.setBatchingAllowed(true);
    await basic.sendText('a');
    await basic.sendText('b');
    await sleep(20);
    expect(end.frames).toHaveLength(0);
    await basic.flushBatch();
    expect(await end.received(2)).toEqual(['a', 'b']);
  });

  it('[LIF-6] one callback at a time, in order, however long each takes', async () => {
    let running = 0;
    const seen: string[] = [];
    const { end } = await liveClient({
      take: async (message) => {
        seen.push(`${message} ${++running}`);
        await sleep(message === '0' ? 10 : 0);
        running--;
      },
    });
    end.send(...Array.from({ length: 20 }, (_, i) => ({ opcode: TEXT, payload: String(i) })));
    await eventually(() => expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => `${i} 1`)));
  });

  it('[ANN-15, REL-8] maxMessageSize: what is larger gets 1009, while it comes', async () => {
    const heard: string[] = [];
    @ClientEndpoint
    class Small {
      @OnMessage({ maxMessageSize: 6 }) text(message: string): void {
        heard.push(message);
      }
      @OnError error(error: Error): void {
        heard.push((error as Error & { code: string }).code);
      }
      @OnClose close(reason: CloseReason): void {
        heard.push(String(reason.getCloseCode().getCode()));
      }
    }
    const ends = await RawEnd.listen();
    await container.connectToServer(Small, ends.url);
    const end = await ends.next();
    end.text('你好');
    end.send({ opcode: TEXT, fin: false, payload: '你好' }, { opcode: continuation, fin: false, payload: '吗' });
    expect((await end.closeFrame()).code).toBe(1009);
    await eventually(() => expect(heard).toEqual(['你好', 'MARGAY_TOO_BIG', '1009']));
  });

  it('[LIF-10, D-08, ANN-14] a handler that fails is told of, and the session stays open', async () => {
    const { session, heard, end } = await liveClient({
      take: (message) => {
        if (message === 'bad') throw Object.assign(new Error('no'), { code: 'NO' });
      },
    });
    end.text('bad');
    end.text('good');
    await eventually(() => expect(heard).toEqual(['bad', 'error NO', 'good']));
    expect(session.isOpen()).toBe(true);
  });
});

describe('[CLI-8, REL-7] what came in one packet with the 101', () => {
  const behind = ['a', 'b', 'c'].map((payload) => ({ opcode: TEXT, payload }));

  it('[CLI-8, LIF-4] is delivered after @OnOpen and before the promise resolves, in both styles', async () => {
    const lines: string[] = [];
    @ClientEndpoint
    class Annotated {
      @OnOpen open(_session: Session): void {
        lines.push('open');
      }
      @OnMessage text(message: string): void {
        lines.push(message);
      }
    }
    class Programmatic extends Endpoint {
      onOpen(session: Session): void {
        lines.push('open');
        session.addMessageHandler(String, (message: string) => lines.push(message));
      }
    }
    const ends = await RawEnd.listen({ behind });
    await container.connectToServer(Annotated, ends.url).then(() => lines.push('connected'));
    await container.connectToServer(new Programmatic(), null, ends.url).then(() => lines.push('connected'));
    const once = ['open', 'a', 'b', 'c', 'connected'];
    expect(lines).toEqual([...once, ...once]);
  });

  it('[CLI-8, LIF-4] waits for an @OnOpen that takes its time, then the promise and the messages follow', async () => {
    const lines: string[] = [];
    const opening = gate();
    class Slow extends Endpoint {
      async onOpen(session: Session): Promise<void> {
        lines.push('open');
        await opening.promise;
        session.addMessageHandler(String, (message: string) => lines.push(message)); // still in time [LIF-9]
        lines.push('opened');
      }
    }
    const ends = await RawEnd.listen({ behind });
    const connecting = container.connectToServer(new Slow(), null, ends.url);
    await ends.next();
    await sleep(20);
    expect(lines).toEqual(['open']);
    opening.open();
    await connecting;
    await eventually(() => expect(lines).toEqual(['open', 'opened', 'a', 'b', 'c']));
  });

  it('[CLI-8, LIF-9] misses a handler that is added only after the promise; what the server sends later does not', async () => {
    const lines: string[] = [];
    class Late extends Endpoint {
      onOpen(_session: Session): void {}
    }
    const ends = await RawEnd.listen({ behind });
    const session = await container.connectToServer(new Late(), null, ends.url);
    session.addMessageHandler(String, (message: string) => lines.push(message));
    (await ends.next()).text('later');
    await eventually(() => expect(lines).toEqual(['later']));
  });

  it('[CLI-8, CLO-4, LIF-14] may be the end already: messages, close and the end of the stream', async () => {
    const lines: string[] = [];
    @ClientEndpoint
    class Brief {
      @OnMessage text(message: string): void {
        lines.push(message);
      }
      @OnClose close(reason: CloseReason): void {
        lines.push(String(reason));
      }
    }
    const close = { opcode: OPCODES.close, payload: Buffer.from([0x03, 0xe9, 0x62, 0x79, 0x65]) };
    const ends = await RawEnd.listen({ behind: [...behind, close] });
    const session = await container.connectToServer(Brief, ends.url);
    expect(session.isOpen()).toBe(false);
    await eventually(() => expect(lines).toEqual(['a', 'b', 'c', 'CloseReason[1001,bye]']));
    expect(await (await ends.next()).closeFrame()).toEqual({ code: 1001, phrase: 'bye' });
  });

  it('[CLI-8, CLO-15] may be nonsense: the promise resolves, @OnError and @OnClose say so', async () => {
    const lines: string[] = [];
    @ClientEndpoint
    class Nonsense {
      @OnError error(error: Error): void {
        lines.push((error as Error & { code: string }).code);
      }
      @OnClose close(reason: CloseReason): void {
        lines.push(String(reason.getCloseCode().getCode()));
      }
    }
    const ends = await RawEnd.listen({ behind: [{ opcode: 3 }] });
    await container.connectToServer(Nonsense, ends.url);
    await eventually(() => expect(lines).toEqual(['MARGAY_PROTOCOL', '1002']));
  });

  it('[REL-7] large messages, cut anywhere, come whole', async () => {
    const large = '你好'.repeat(50_000);
    const lines: number[] = [];
    class Large extends Endpoint {
      onOpen(session: Session): void {
        session.addMessageHandler(String, (message: string) => lines.push(message === large ? message.length : -1));
      }
    }
    const ends = await RawEnd.listen({
      behind: [
        { opcode: TEXT, payload: large },
        { opcode: TEXT, payload: large },
      ],
    });
    const config = ClientEndpointConfig.Builder.create().build();
    await container.connectToServer(new Large(), config, ends.url);
    await eventually(() => expect(lines).toEqual([large.length, large.length]));
  });
});
