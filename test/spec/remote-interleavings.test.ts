/** What may be sent while a message is under way, pair by pair. [REM-8, REM-9, REM-15, D-05] */
import { describe, expect, it } from '@jest/globals';
import { Encoder, type RemoteEndpoint } from 'margay';
import { eventually } from '../support/eventually.js';
import { OPCODES, type ParsedFrame } from '../support/frames.js';
import { liveSession } from '../support/live-session.js';

class Thing {}
class ThingText extends Encoder.Text(Thing) {
  encode(): string {
    return 'object';
  }
}

interface Views {
  readonly basic: RemoteEndpoint.Basic;
  readonly async: RemoteEndpoint.Async;
}

/** A message under way: how it comes so far, how it is ended, and what it then is. */
interface UnderWay {
  readonly begin: (views: Views) => Promise<() => unknown>;
  readonly message: string | null;
  /** The type of which more parts may come. */
  readonly parts?: 'text' | 'binary';
  readonly isOver?: true;
}

const STATES: Record<string, UnderWay> = {
  nothing: { begin: async () => () => {}, message: null, isOver: true },
  'the first part of a text': {
    begin: async ({ basic }) => {
      await basic.sendText('a', false);
      return () => basic.sendText('z', true);
    },
    message: 'text: az',
    parts: 'text',
  },
  'a further part of a text': {
    begin: async ({ basic }) => {
      await basic.sendText('a', false);
      await basic.sendText('b', false);
      return () => basic.sendText('z', true);
    },
    message: 'text: abz',
    parts: 'text',
  },
  'the last part of a text': {
    begin: async ({ basic }) => {
      await basic.sendText('a', false);
      await basic.sendText('z', true);
      return () => {};
    },
    message: 'text: az',
    isOver: true,
  },
  'a part of a binary message': {
    begin: async ({ basic }) => {
      await basic.sendBinary(Buffer.from('a'), false);
      return () => basic.sendBinary(Buffer.from('z'), true);
    },
    message: 'binary: az',
    parts: 'binary',
  },
  'a writer that is open': {
    begin: async ({ basic }) => {
      const writer = basic.getSendWriter();
      return () => writer.end('z');
    },
    message: 'text: z',
  },
  'a writer that was written to': {
    begin: async ({ basic }) => {
      const writer = basic.getSendWriter();
      writer.write('a');
      await writer.flush();
      return () => writer.end('z');
    },
    message: 'text: az',
  },
  'a stream that is open': {
    begin: async ({ basic }) => {
      const stream = basic.getSendStream();
      return () => stream.end(Buffer.from('z'));
    },
    message: 'binary: z',
  },
  'a stream that was written to': {
    begin: async ({ basic }) => {
      const stream = basic.getSendStream();
      stream.write(Buffer.from('a'));
      await stream.flush();
      return () => stream.end(Buffer.from('z'));
    },
    message: 'binary: az',
  },
  'a stream that was ended': {
    begin: async ({ basic }) => {
      basic.getSendStream().end(Buffer.from('z'));
      return () => {};
    },
    message: 'binary: z',
    isOver: true,
  },
};

/** What is tried meanwhile; the frames it makes when it may be sent. */
interface Attempt {
  readonly send: (views: Views) => unknown;
  readonly message?: string;
  readonly control?: keyof typeof OPCODES;
  /** A part, which would go on with a message of that type. */
  readonly part?: 'text' | 'binary';
}

const bytes = Buffer.from('m');
const ATTEMPTS: Record<string, Attempt> = {
  'Basic text': { send: ({ basic }) => basic.sendText('m'), message: 'text: m' },
  'Async text': { send: ({ async }) => async.sendText('m'), message: 'text: m' },
  'Async text, handler': { send: ({ async }) => async.sendText('m', () => {}), message: 'text: m' },
  'Basic binary': { send: ({ basic }) => basic.sendBinary(bytes), message: 'binary: m' },
  'Async binary': { send: ({ async }) => async.sendBinary(bytes), message: 'binary: m' },
  'Basic large binary': { send: ({ basic }) => basic.sendBinary(Buffer.alloc(20_000, 'm')), message: 'binary: 20000' },
  'Basic object': { send: ({ basic }) => basic.sendObject(new Thing()), message: 'text: object' },
  'Async object': { send: ({ async }) => async.sendObject(new Thing()), message: 'text: object' },
  'Basic object, plain': { send: ({ basic }) => basic.sendObject(5), message: 'text: 5' },
  'Basic object, text': { send: ({ basic }) => basic.sendObject('m'), message: 'text: m' },
  'text part': { send: ({ basic }) => basic.sendText('m', false), part: 'text' },
  'binary part': { send: ({ basic }) => basic.sendBinary(bytes, false), part: 'binary' },
  writer: { send: ({ basic }) => basic.getSendWriter().end('m'), message: 'text: m' },
  stream: { send: ({ basic }) => basic.getSendStream().end(bytes), message: 'binary: m' },
  'Basic ping': { send: ({ basic }) => basic.sendPing(bytes), control: 'ping' },
  'Async ping': { send: ({ async }) => async.sendPing(bytes), control: 'ping' },
  'Basic pong': { send: ({ basic }) => basic.sendPong(bytes), control: 'pong' },
  'Async pong': { send: ({ async }) => async.sendPong(bytes), control: 'pong' },
};

/** The messages that frames amount to; throws for a sequence that RFC 6455 does not allow. */
function messagesOf(frames: readonly ParsedFrame[]): string[] {
  const messages: string[] = [];
  let running: string | null = null;
  for (const { opcode, fin, payload } of frames) {
    const text = payload.length > 100 ? String(payload.length) : payload.toString();
    if (opcode >= OPCODES.close) {
      if (!fin) throw new Error('a control frame in pieces');
      messages.push(opcode === OPCODES.ping ? 'ping' : 'pong');
    } else if ((opcode === OPCODES.continuation) !== (running !== null)) {
      throw new Error(`opcode ${opcode} ${running === null ? 'begins a message' : 'in the middle of one'}`);
    } else {
      running = (running ?? (opcode === OPCODES.text ? 'text: ' : 'binary: ')) + text;
      if (!fin) continue;
      messages.push(running);
      running = null;
    }
  }
  return messages;
}

/** `sent`, or the code of what was thrown at the call. */
function outcome(send: () => unknown): string {
  try {
    send();
    return 'sent';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('while there is', () => {
  it.each(Object.entries(STATES))('[REM-8, REM-9, REM-1] %s', async (_name, state) => {
    const { client, basic, async } = await liveSession({}, { encoders: [ThingText] });
    const views = { basic, async };
    const seen: Record<string, string> = {};
    const expected: Record<string, string> = {};
    const wire: string[] = [];
    for (const [name, attempt] of Object.entries(ATTEMPTS)) {
      const end = await state.begin(views);
      seen[name] = outcome(() => attempt.send(views));
      const goesOn = attempt.part !== undefined && attempt.part === state.parts;
      const mayBeSent = attempt.control !== undefined || state.isOver || goesOn;
      expected[name] = mayBeSent ? 'sent' : 'MARGAY_SEND_ORDER';
      await end();
      if (attempt.part !== undefined && state.isOver)
        await (attempt.part === 'text' ? basic.sendText('n', true) : basic.sendBinary(Buffer.from('n'), true));
      const before = goesOn ? state.message?.replace('z', 'mz') : state.message;
      const own = attempt.part !== undefined ? `${attempt.part}: mn` : (attempt.control ?? attempt.message);
      if (attempt.control !== undefined && !state.isOver) wire.push(own as string);
      if (before) wire.push(before);
      if (state.isOver) wire.push(own as string);
    }
    expect(seen).toEqual(expected);
    await basic.sendText('the end');
    await eventually(() => expect(messagesOf(client.frames)).toEqual([...wire, 'text: the end']));
  });

  it.each(Object.entries(STATES).filter(([, { isOver }]) => !isOver))(
    '[REM-8, ANN-14] %s, what a handler returns goes to @OnError, and the message completes',
    async (_name, state) => {
      const { client, basic, async, heard } = await liveSession({}, { reply: () => 'reply' });
      const end = await state.begin({ basic, async });
      client.send({ opcode: OPCODES.text, payload: 'x' });
      await eventually(() => expect(heard).toEqual([expect.objectContaining({ code: 'MARGAY_SEND_ORDER' })]));
      await end();
      await eventually(() => expect(messagesOf(client.frames)).toEqual([state.message]));
    },
  );
});
