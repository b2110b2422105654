/** A browser's WebSocket as a channel: what the contract's tests cannot see through another engine. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BrowserChannel } from '../../../../src/transport/browser/browser-channel.js';
import type { ChannelListener } from '../../../../src/transport/spi.js';
import { microtasks, PageSocket } from '../../../support/page-socket.js';
import { PARTS, Recorder, SKIP, upTo, WAIT } from '../../../transport/contract/rig.js';

const ended = () => {};

async function opened(log: ChannelListener = new Recorder(), whenClosed = ended) {
  const socket = new PageSocket('ws://h/', []);
  socket.opens();
  const channel = new BrowserChannel(socket, whenClosed);
  await channel.begin(log);
  return { socket, channel };
}

/** All that was heard but questions and drains; what is no primitive as a list of numbers. */
const heard = (log: Recorder) => log.story.map((each) => each.map((it) => (it instanceof Uint8Array ? [...it] : it)));

describe('messages that arrive', () => {
  it('are text, and bytes of their own', async () => {
    const log = new Recorder();
    const { socket, channel } = await opened(log);
    socket.brings('a', [1, 2], '', []);
    expect(log.story).toEqual([['opened']]); // not on the stack of the socket's event
    await microtasks();
    expect(heard(log)).toEqual([['opened'], ['text', 'a'], ['binary', [1, 2]], ['text', ''], ['binary', []]]);
    expect(log.all('binary').every(([bytes]) => (bytes as object).constructor === Uint8Array)).toBe(true);
    expect(channel.counters).toMatchObject({ messagesReceived: 4, framesReceived: 4, bytesReceived: 3, messagesSent: 0 });
  });

  it('[CLI-8] are kept from the moment the socket opens', async () => {
    const socket = new PageSocket('ws://h/', []);
    socket.opens();
    const channel = new BrowserChannel(socket, ended);
    socket.brings('early', 'bird');
    await microtasks();
    const log = new Recorder();
    const begun = channel.begin(log);
    expect(log.story).toEqual([['opened']]);
    await begun;
    expect(log.story).toEqual([['opened'], ['text', 'early'], ['text', 'bird']]);
  });

  it('come in parts of 8192, none of which splits a character, and the last of which says so', async () => {
    const log = new Recorder();
    log.want = PARTS;
    const { socket } = await opened(log);
    const text = `${'x'.repeat(8191)}😀${'y'.repeat(8192)}`;
    const bytes = Array.from({ length: 16_384 }, (_, i) => i % 251);
    socket.brings(text, bytes, '');
    await microtasks();
    const parts = log.all('part') as [string, string | Uint8Array, boolean][];
    expect(parts.map(([kind, data, last]) => [kind, data.length, last])).toEqual([
      ['text', 8193, false],
      ['text', 8192, true],
      ['binary', 8192, false],
      ['binary', 8192, true],
      ['text', 0, true],
    ]);
    expect(
      parts
        .slice(0, 2)
        .map(([, data]) => data)
        .join(''),
    ).toBe(text);
    expect(parts.slice(2, 4).flatMap(([, data]) => [...(data as Uint8Array)])).toEqual(bytes);
  });

  it('wait, are asked about again after resume, and hold back what follows', async () => {
    const log = new Recorder();
    log.want = WAIT;
    const { socket, channel } = await opened(log);
    socket.brings('a', 'b');
    await microtasks();
    expect([log.count('intake'), log.count('text')]).toEqual([1, 0]);
    log.want = upTo(10);
    channel.resume();
    expect(log.count('text')).toBe(0); // never on the caller's stack
    await microtasks();
    expect(log.all('text').flat()).toEqual(['a', 'b']);
    expect(log.count('intake')).toBe(3);
  });

  it('are skipped whole', async () => {
    const log = new Recorder();
    log.want = SKIP;
    const { socket } = await opened(log);
    socket.brings('a', [1]);
    await microtasks();
    log.want = upTo(10);
    socket.brings('b');
    await microtasks();
    expect(log.story).toEqual([['opened'], ['text', 'b']]);
  });

  it('are kept while the channel is paused, with the close behind them', async () => {
    const log = new Recorder();
    const { socket, channel } = await opened(log);
    channel.pause();
    socket.brings('a', 'b');
    socket.closed({ code: 4001, reason: 'bye' });
    await microtasks();
    expect(log.story).toEqual([['opened']]);
    log.at.onText = () => channel.pause();
    channel.resume();
    await microtasks();
    expect(log.story).toEqual([['opened'], ['text', 'a']]);
    channel.resume();
    await microtasks();
    channel.resume();
    await microtasks();
    expect(log.story).toEqual([['opened'], ['text', 'a'], ['text', 'b'], ['closing', 4001, 'bye']]);
  });

  it.each([
    ['text', '€€', 6],
    ['text', '😀', 4],
    ['text', 'äé', 4],
    ['binary', [1, 2, 3], 3],
  ] as const)('[REL-8] of %s are measured in bytes: %j has %i', async (kind, message, size) => {
    const log = new Recorder();
    log.want = upTo(size);
    const { socket } = await opened(log);
    socket.brings(message);
    await microtasks();
    log.want = upTo(size - 1);
    socket.brings(message, 'never seen');
    await microtasks();
    expect(log.story.map(([event]) => event)).toEqual(['opened', kind, 'failed']);
    expect(log.all('failed')).toEqual([[1009]]);
    socket.brings('nor this');
    socket.closed({ code: 1000 });
    await microtasks();
    expect(log.story.map(([event]) => event)).toEqual(['opened', kind, 'failed', 'closed']);
  });
});

describe('messages that leave', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] }));
  afterEach(() => void jest.useRealTimers());

  it('tell each done in order, once the socket says that its bytes have left, and that there is room', async () => {
    const log = new Recorder();
    const told: string[] = [];
    const { socket, channel } = await opened(log);
    const tell = (name: string) => (error?: Error) => void told.push(error === undefined ? name : `${name} failed`);
    channel.text('€uro', tell('text'));
    channel.binary(Uint8Array.of(1, 2), tell('binary'));
    channel.write(channel.prepare('p'), tell('prepared'));
    expect([socket.sent[0], channel.bufferedAmount]).toEqual(['€uro', 9]);
    await jest.advanceTimersByTimeAsync(500);
    expect(told).toEqual([]);
    socket.bufferedAmount = 3;
    await jest.advanceTimersByTimeAsync(100);
    expect([told, log.count('drained')]).toEqual([['text'], 1]);
    socket.bufferedAmount = 0;
    await jest.advanceTimersByTimeAsync(100);
    expect([told, log.count('drained')]).toEqual([['text', 'binary', 'prepared'], 2]);
    expect(channel.counters).toMatchObject({ messagesSent: 3, framesSent: 3, bytesSent: 9 });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('have no timer behind them', async () => {
    const { socket, channel } = await opened();
    channel.text('a');
    expect(jest.getTimerCount()).toBe(1);
    socket.bufferedAmount = 0;
    await jest.advanceTimersByTimeAsync(10);
    expect(jest.getTimerCount()).toBe(0);
    channel.text('b');
    channel.terminate();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('in parts are one message, and each part is its sender’s again at once', async () => {
    const { socket, channel } = await opened();
    const told: string[] = [];
    const bytes = Uint8Array.of(1, 2);
    channel.part('text', 'a', true, false, (error) => told.push(`first ${error}`));
    channel.part('text', 'b', false, true, () => told.push('last'));
    channel.part('binary', bytes, true, false);
    bytes.fill(9);
    channel.part('binary', Uint8Array.of(3), false, true);
    await microtasks();
    expect(told).toEqual(['first undefined']);
    expect(socket.sent.map((each) => (typeof each === 'string' ? each : [...(each as Uint8Array)]))).toEqual(['ab', [1, 2, 3]]);
    socket.bufferedAmount = 0;
    await jest.advanceTimersByTimeAsync(10);
    expect(told).toEqual(['first undefined', 'last']);
  });

  it('may be text as bytes, characters cut anywhere; what is no text ends the connection', async () => {
    const log = new Recorder();
    const { socket, channel } = await opened(log);
    channel.part('text', Uint8Array.of(0xef, 0xbb, 0xbf, 0xe2, 0x82), true, false);
    channel.part('text', Uint8Array.of(0xac), false, true);
    expect(socket.sent).toEqual(['\ufeff€']);
    let failure: Error | undefined;
    channel.part('text', Uint8Array.of(0xff), true, true, (error) => {
      failure = error;
    });
    await microtasks();
    expect([socket.sent.length, typeof failure?.message, log.count('closed')]).toEqual([1, 'string', 1]);
  });

  it('are no pings and no pongs', async () => {
    const { socket, channel } = await opened();
    const told: (string | undefined)[] = [];
    channel.ping(Uint8Array.of(1), (error) => told.push(error?.message));
    channel.pong(Uint8Array.of(1), (error) => told.push(error?.message));
    expect(told).toEqual([]); // never inside the call
    await microtasks();
    expect(told).toEqual(['A browser sends no pings', 'A browser sends no pongs']);
    expect([channel.hasPings, socket.sent]).toEqual([false, []]);
  });

  it('[REL-10] are not taken back: a close frame can follow only where nothing waits', async () => {
    const { socket, channel } = await opened();
    expect(channel.discard()).toBe(true);
    channel.part('text', 'never', true, false);
    channel.text('a');
    expect(channel.discard()).toBe(false);
    socket.bufferedAmount = 0;
    expect(channel.discard()).toBe(true);
    channel.part('text', 'c', true, true);
    expect(socket.sent).toEqual(['a', 'c']);
  });

  it('are refused once the peer has closed', async () => {
    const { socket, channel } = await opened();
    socket.readyState = 2;
    const error = await new Promise((resolve) => channel.text('late', resolve));
    expect(error).toBeInstanceOf(Error);
    expect(socket.sent).toEqual([]);
  });
});

describe('the end', () => {
  it.each([
    [1000, 'bye', [1000, 'bye']],
    [3000, 'x', [3000, 'x']],
    [4999, '', [4999, '']],
    [1001, 'away', []],
    [1009, 'big', []],
    [1011, 'oh', []],
    [undefined, '', []],
  ])('by a close with %s and %j leaves as close(%j): a page may say no other code', async (code, phrase, args) => {
    const { socket, channel } = await opened();
    channel.close(code, phrase);
    expect(socket.closes).toEqual([args]);
  });

  it('by us is answered by the peer’s close, then the socket is gone', async () => {
    const log = new Recorder();
    let closings = 0;
    const { socket, channel } = await opened(log, () => closings++);
    const done = new Promise((resolve) => channel.close(1000, '', resolve));
    expect(await done).toBe(undefined);
    socket.closed({ code: 1000, reason: 'you too' });
    await microtasks();
    expect([log.story, closings]).toEqual([[['opened'], ['closing', 1000, 'you too'], ['closed']], 1]);
  });

  it('by the peer waits for the answer of the house', async () => {
    const log = new Recorder();
    const { socket, channel } = await opened(log);
    socket.closed({ code: 1005 });
    await microtasks();
    expect(log.story).toEqual([['opened'], ['closing', 1005, '']]);
    const order: string[] = [];
    log.at.onClosed = () => void order.push('closed');
    channel.close(undefined, '', (error) => order.push(`done ${error}`));
    await microtasks();
    expect([order, socket.closes]).toEqual([['done undefined', 'closed'], []]);
  });

  it('without a close frame is no closing', async () => {
    const log = new Recorder();
    const { socket, channel } = await opened(log);
    const lost = new Promise((resolve) => channel.text('never', resolve));
    socket.closed();
    expect(channel.bufferedAmount).toBe(0);
    expect(await lost).toBeInstanceOf(Error);
    await microtasks();
    expect(log.story).toEqual([['opened'], ['closed']]);
  });

  it('with a close frame on both sides lets nobody fear for what was sent before', async () => {
    const { socket, channel } = await opened();
    const sent = new Promise((resolve) => channel.text('a', resolve));
    socket.closed({ code: 1000 });
    expect(await sent).toBe(undefined);
  });

  it('by terminate closes the socket, tells at once, and hears nothing any more', async () => {
    const log = new Recorder();
    const { socket, channel } = await opened(log);
    const lost = new Promise((resolve) => channel.text('never', resolve));
    socket.brings('unread');
    channel.terminate();
    channel.terminate();
    expect(log.count('closed')).toBe(0);
    expect(await lost).toBeInstanceOf(Error);
    await microtasks();
    socket.brings('late');
    socket.closed({ code: 1000 });
    await microtasks();
    expect([log.story, socket.closes.length]).toEqual([[['opened'], ['closed']], 1]);
  });

  it('is heard last: whoever sends when he hears that his bytes are lost hears of those before', async () => {
    const order: string[] = [];
    const log = new Recorder();
    log.at.onClosed = () => void order.push('closed');
    const { channel } = await opened(log);
    channel.text('first', () => {
      order.push('first');
      channel.text('second', (error) => order.push(`second ${error === undefined}`));
    });
    channel.terminate();
    await microtasks();
    expect(order).toEqual(['first', 'second false', 'closed']);
  });

  it('by end is a close frame without a code, where none was sent', async () => {
    const log = new Recorder();
    const { socket, channel } = await opened(log);
    channel.end();
    channel.end();
    expect(socket.closes).toEqual([[]]);
    socket.closed({ code: 1005 });
    await microtasks();
    expect(log.story.at(-1)).toEqual(['closed']);
  });

  it.each(['onOpened', 'onText', 'onClosing', 'onClosed'] as const)('comes of a listener that throws in %s', async (event) => {
    const log = new Recorder();
    log.at[event] = () => {
      throw new Error('a defect');
    };
    const { socket } = await opened(log);
    socket.brings('a');
    await microtasks();
    socket.closed();
    if (event === 'onClosing') socket.closed({ code: 1000 });
    await microtasks();
    expect(log.count('closed')).toBe(1);
  });
});

it('[REM-3] what is sent after the end is told that it never left, and onClosed stays the last event', async () => {
  const log = new Recorder();
  const { socket, channel } = await opened(log);
  socket.closed();
  await microtasks();
  expect(log.story.at(-1)?.[0]).toBe('closed');
  const events = log.story.length;
  const told: unknown[] = [];
  const done = (error?: Error) => void told.push(error?.message);
  channel.text('late', done);
  channel.part('binary', new Uint8Array(1), true, false, done);
  channel.ping(new Uint8Array(), done);
  channel.close(1000, '', done);
  expect(told).toEqual([]); // never inside the call
  await microtasks();
  expect([told.length, told.includes(undefined), log.story.length]).toEqual([4, false, events]);
});
