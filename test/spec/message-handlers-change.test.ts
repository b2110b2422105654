/** Handlers that come and go while messages are on their way. [LIF-9, LIF-4, SES-25] */
import { describe, expect, it } from '@jest/globals';
import { OnMessage, OnOpen, Reader, ServerEndpoint, Session } from 'margay';
import { opened } from '../support/adding.js';
import { eventually, gate } from '../support/eventually.js';
import { OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { text, binary, continuation } = OPCODES;

describe('handlers that change while messages are on their way', () => {
  it.each<[string, unknown]>([
    ['whole', String],
    ['in parts', { type: String, partial: true }],
    ['as a stream', Reader],
  ])('[LIF-9] a message %s is served by the handler of its first frame', async (_form, how) => {
    const on = await opened();
    const seen: string[] = [];
    const handler = (name: string) => {
      const onMessage = async (message: string | Reader) => {
        let all = '';
        for await (const chunk of typeof message === 'string' ? [message] : message) all += chunk;
        seen.push(`${name} ${all}`);
      };
      return typeof how === 'function' ? { type: how, onMessage } : { ...(how as object), onMessage };
    };
    const first = handler('first');
    on.add(first);
    on.peer.send({ opcode: text, fin: false, payload: 'a' });
    await on.read();
    on.session.removeMessageHandler(first as never);
    on.peer.send({ opcode: continuation, fin: false, payload: 'b' });
    await on.read();
    on.add(handler('second'));
    on.peer.send({ opcode: continuation, payload: 'c' }, { opcode: text, payload: 'd' });
    await eventually(() => expect(seen.at(-1)).toBe('second d'));
    expect(seen.slice(0, -1).join('').replaceAll('first ', '')).toBe('abc');
    expect(seen.filter((each) => each.startsWith('second'))).toHaveLength(1);
  });

  it('[LIF-9] a message that waits for its turn is served by the handler it came for', async () => {
    const on = await opened();
    const hold = gate();
    const seen: string[] = [];
    const first = async (message: string) => {
      seen.push(`first ${message}`);
      await hold.promise;
    };
    on.session.addMessageHandler(String, first);
    on.peer.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' });
    await on.read();
    on.session.removeMessageHandler(first);
    on.session.addMessageHandler(String, (message) => seen.push(`second ${message}`));
    on.peer.text('3');
    hold.open();
    await eventually(() => expect(seen).toEqual(['first 1', 'first 2', 'second 3']));
  });

  it('[LIF-9] a message without a handler is read and thrown away, and no 1003', async () => {
    const on = await opened();
    on.peer.send({ opcode: text, payload: 'nobody' }, { opcode: binary, fin: false, payload: 'takes' });
    await on.read();
    const seen: string[] = [];
    on.session.addMessageHandler(Buffer, (message) => seen.push(message.toString()));
    on.peer.send({ opcode: continuation, payload: 'this' }, { opcode: binary, payload: 'but this' });
    await eventually(() => expect(seen).toEqual(['but this']));
    expect(on.session.isOpen()).toBe(true);
    expect(on.failures).toEqual([]);
  });

  it('[LIF-9, LIF-4] what came before an async onOpen had settled waits for the handlers that it adds, each for its own, in order', async () => {
    const [before, between] = [gate(), gate()];
    const seen: string[] = [];
    const on = await opened([], async (session) => {
      await before.promise;
      session.addMessageHandler(Buffer, (message) => seen.push(`binary ${message}`));
      await between.promise;
      session.addMessageHandler(String, (message) => seen.push(message));
    });
    on.peer.send({ opcode: text, payload: '1' }, { opcode: binary, payload: '2' }, { opcode: text, payload: '3' });
    before.open();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(seen).toEqual([]);
    between.open();
    await eventually(() => expect(seen).toEqual(['1', 'binary 2', '3']));
  });

  it('[LIF-9] what came before an async onOpen that adds none for it is thrown away, and what follows is served', async () => {
    const hold = gate();
    const seen: string[] = [];
    const on = await opened([], async (session) => {
      await hold.promise;
      session.addMessageHandler(String, (message) => seen.push(message));
    });
    on.peer.send({ opcode: binary, fin: false, payload: 'a' }, { opcode: continuation, payload: 'b' }, { opcode: text, payload: 'c' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    hold.open();
    await eventually(() => expect(seen).toEqual(['c']));
  });

  it('[LIF-9] what came before an async onOpen that adds nothing is thrown away, and keeps nothing behind it', async () => {
    const hold = gate();
    const on = await opened([], () => hold.promise);
    on.peer.send({ opcode: text, payload: 'a' }, { opcode: OPCODES.ping, payload: 'behind' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(on.peer.pongs).toEqual([]);
    hold.open();
    expect(await on.peer.ponged()).toEqual(['behind']);
  });

  it('[LIF-9, SES-21] an async @OnOpen may add what the class does not declare', async () => {
    const seen: string[] = [];
    @ServerEndpoint('/mixed')
    class Mixed {
      @OnOpen async open(session: Session): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 20));
        session.addMessageHandler(Reader, async (reader) => {
          for await (const chunk of reader) seen.push(chunk);
        });
      }

      @OnMessage binary(message: Buffer): void {
        seen.push(`binary ${message}`);
      }
    }
    const server = await start(Mixed);
    await RawPeer.open(server, '/mixed', {
      behind: [
        { opcode: binary, payload: '1' },
        { opcode: text, payload: '2' },
        { opcode: binary, payload: '3' },
      ],
    });
    await eventually(() => expect(seen).toEqual(['binary 1', '2', 'binary 3']));
  });

  it('[SES-25] a handler may remove itself, and add its successor', async () => {
    const on = await opened();
    const seen: string[] = [];
    const once = (message: string): void => {
      seen.push(`once ${message}`);
      on.session.removeMessageHandler(once);
      on.session.addMessageHandler(String, (next) => seen.push(`then ${next}`));
    };
    on.session.addMessageHandler(String, once);
    on.peer.send({ opcode: text, payload: '1' }, { opcode: text, payload: '2' });
    await eventually(() => expect(seen).toEqual(['once 1', 'then 2']));
  });
});
