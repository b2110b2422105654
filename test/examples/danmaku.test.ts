/** Danmaku, as those on stage and those before it see it. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Session } from 'margay';
import { Allowance } from '../../examples/danmaku/allowance.js';
import { LARGEST_PICTURE } from '../../examples/danmaku/danmaku.js';
import { Room } from '../../examples/danmaku/room.js';
import { Viewer } from '../../examples/danmaku/viewer.js';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { RawPeer } from '../support/raw-peer.js';
import { type Running, run } from './running.js';

let rooms = 0;

/** A room that no other test has been in, and the path of a person there. */
function newRoom(): (name: string) => string {
  const room = encodeURIComponent(`剧场 🎭 ${process.pid} ${rooms++}`);
  return (name) => `/danmaku/${room}/${encodeURIComponent(name)}`;
}

const tell = (peer: Peer, command: object) => peer.send(JSON.stringify(command));

/** What has come as JSON, of this type. */
const told = (peer: Peer, type: string) =>
  peer.received
    .filter((each) => typeof each === 'string')
    .map((each) => JSON.parse(each))
    .filter((each) => each.type === type);

/** The pictures that have come, by number. */
const seen = (peer: Peer) => peer.received.filter((each) => typeof each !== 'string').map((each) => each.readUInt32BE());

/** Shows at once whatever comes, as a page does. */
function watch(peer: Peer): Peer {
  peer.socket.on('message', (data: Buffer, isBinary) => isBinary && tell(peer, { type: 'got', frame: data.readUInt32BE() }));
  return peer;
}

async function onStage(examples: Running, path: string): Promise<Peer> {
  const peer = await examples.dial(path);
  tell(peer, { type: 'take' });
  await eventually(() => expect(told(peer, 'room').at(-1)).toMatchObject({ onStage: expect.any(String) }));
  return peer;
}

const errorLines: unknown[][] = [];

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
});

afterEach(() => {
  RawPeer.dropAll();
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

describe('danmaku', () => {
  it('shows a picture to everyone but whoever shows it, with its number before it', async () => {
    const examples = await run();
    const at = newRoom();
    const star = await onStage(examples, at('明星⭐'));
    const audience = [await examples.dial(at('甲')), await examples.dial(at('乙'))];
    star.send(Buffer.from('a picture'));
    for (const peer of audience) {
      await eventually(() => expect(seen(peer)).toEqual([1]));
      expect((peer.received.at(-1) as Buffer).subarray(4).toString()).toBe('a picture');
    }
    expect(seen(star)).toEqual([]);
  });

  it('shows who comes later the newest one', async () => {
    const examples = await run();
    const at = newRoom();
    const star = await onStage(examples, at('明星'));
    const first = watch(await examples.dial(at('甲')));
    for (const picture of ['one', 'two', 'three']) star.send(Buffer.from(picture));
    await eventually(() => expect(seen(first).at(-1)).toBe(3));
    const late = await examples.dial(at('晚'));
    await eventually(() => expect(seen(late)).toEqual([3]));
  });

  it('has one picture in flight and the newest one waiting, and counts those between', async () => {
    const examples = await run();
    const at = newRoom();
    const star = await onStage(examples, at('明星'));
    const quick = watch(await examples.dial(at('快')));
    const slow = await examples.dial(at('慢 🐢'));
    for (let i = 1; i <= 12; i++) {
      star.send(Buffer.from(`${i}`));
      await eventually(() => expect(seen(quick).at(-1)).toBe(i));
    }
    tell(slow, { type: 'got', frame: 12 }); // which has not been sent
    tell(slow, { type: 'comment', text: '慢慢来' });
    await eventually(() => expect(told(slow, 'comment')).toHaveLength(1));
    expect(seen(slow)).toEqual([1]);
    tell(slow, { type: 'got', frame: 1 });
    await eventually(() => expect(seen(slow)).toEqual([1, 12]));
    tell(slow, { type: 'got', frame: 1 }); // a second time
    tell(slow, { type: 'comment', text: '再看' });
    await eventually(() => expect(told(slow, 'comment')).toHaveLength(2));
    expect(seen(quick)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    await eventually(() => expect(told(star, 'audience')).toHaveLength(1));
    const [quickly, slowly] = told(star, 'audience')[0].people;
    expect(quickly).toEqual({ name: '快', shown: expect.any(Number), dropped: 0 });
    expect(slowly).toEqual({ name: '慢 🐢', shown: 0, dropped: 10 });
    star.send(Buffer.from('13'));
    await eventually(() => expect(seen(quick).at(-1)).toBe(13));
    expect(seen(slow)).toEqual([1, 12]);
  });

  it('[EX-0] holds nobody up for somebody who does not read, keeps two pictures for them, and shows them the newest when they do', async () => {
    const examples = await run();
    const at = newRoom();
    const star = await onStage(examples, at('明星'));
    const quick = watch(await examples.dial(at('快')));
    const stuck = await RawPeer.open({ port: Number(new URL(examples.url).port) }, at('不动'));
    stuck.stopReading();
    const pictures = 80; // 20 MB: far more than the buffers between two sockets hold
    for (let i = 1; i <= pictures; i++) {
      star.send(Buffer.alloc(LARGEST_PICTURE, i));
      await eventually(() => expect(seen(quick).at(-1)).toBe(i));
      stuck.ping(); // it is there, though it does not read
    }
    expect(seen(quick)).toEqual(Array.from({ length: pictures }, (_, i) => i + 1));
    stuck.read();
    const numbers = () => stuck.frames.filter(({ opcode }) => opcode === 2).map(({ payload }) => payload.readUInt32BE());
    await eventually(() => expect(numbers()).toEqual([1]));
    stuck.text('{"type":"got","frame":1}');
    await eventually(() => expect(numbers()).toEqual([1, pictures]));
    stuck.text(`{"type":"got","frame":${pictures}}`);
    tell(quick, { type: 'comment', text: 'barrier' });
    await eventually(() => expect(told(star, 'comment')).toHaveLength(1));
    star.send(Buffer.from('after'));
    await eventually(() => expect(numbers()).toEqual([1, pictures, pictures + 1]));
  }, 60_000);

  it('gives the stage to one at a time, and tells the others who has it', async () => {
    const examples = await run();
    const at = newRoom();
    const first = await onStage(examples, at('甲'));
    const second = await examples.dial(at('乙'));
    tell(second, { type: 'take' });
    await eventually(() => expect(told(second, 'no')).toEqual([{ type: 'no', words: '甲 is on stage. Wait until it is free.' }]));
    second.send(Buffer.from('not mine'));
    await eventually(() => expect(told(second, 'no')[1]).toEqual({ type: 'no', words: 'A picture has to come from the stage.' }));
    tell(second, { type: 'leave' }); // which is not theirs to leave
    tell(first, { type: 'leave' });
    await eventually(() => expect(told(second, 'room').at(-1)).toEqual({ type: 'room', people: 2, onStage: null, isYou: false }));
    tell(second, { type: 'take' });
    await eventually(() => expect(told(first, 'room').at(-1)).toEqual({ type: 'room', people: 2, onStage: '乙', isYou: false }));
    await eventually(() => expect(told(second, 'room').at(-1)).toMatchObject({ onStage: '乙', isYou: true }));
    expect(seen(first)).toEqual([]);
  });

  it.each([
    ['says goodbye', (peer: Peer) => void peer.close(1000)],
    ['vanishes', (peer: Peer) => peer.socket.terminate()],
  ])('frees the stage of somebody who %s, and what they showed last', async (_how, leave) => {
    const examples = await run();
    const at = newRoom();
    const star = await onStage(examples, at('明星'));
    const viewer = await examples.dial(at('甲'));
    for (const picture of ['one', 'two', 'three']) star.send(Buffer.from(picture));
    await eventually(() => expect(seen(viewer)).toEqual([1]));
    leave(star);
    await eventually(() => expect(told(viewer, 'room').at(-1)).toEqual({ type: 'room', people: 1, onStage: null, isYou: false }));
    tell(viewer, { type: 'got', frame: 1 });
    tell(viewer, { type: 'comment', text: '还有人吗？' });
    await eventually(() => expect(told(viewer, 'comment')).toHaveLength(1));
    const late = await examples.dial(at('晚'));
    await late.next();
    expect([seen(viewer), seen(late)]).toEqual([[1], []]);
  });

  it('lets a comment reach everyone in the room, whoever is slow with pictures included', async () => {
    const examples = await run();
    const at = newRoom();
    const star = await onStage(examples, at('明星'));
    const slow = await examples.dial(at('慢'));
    const elsewhere = await examples.dial(newRoom()('甲'));
    star.send(Buffer.alloc(100_000));
    star.send(Buffer.alloc(100_000));
    const texts = ['弹幕！', '🐾👩‍👩‍👧‍👦', '<b onclick="alert(1)">&amp;</b>', `${'长'.repeat(99)}🐾`];
    for (const text of texts) tell(slow, { type: 'comment', text: `  ${text}\n` });
    for (const peer of [slow, star]) {
      await eventually(() => expect(told(peer, 'comment')).toEqual(texts.map((text) => ({ type: 'comment', name: '慢', text }))));
    }
    expect(seen(slow)).toEqual([1]);
    expect(told(elsewhere, 'comment')).toEqual([]);
  });

  it('lets a person say five things at once, in whatever windows, and gives back what it does not say', async () => {
    const examples = await run();
    const at = newRoom();
    const windows = [await examples.dial(at('快嘴')), await examples.dial(at('快嘴'))] as const;
    const other = await examples.dial(at('旁人'));
    for (let i = 0; i < 4; i++) tell(windows[0], { type: 'comment', text: `${i}` });
    await eventually(() => expect(told(other, 'comment')).toHaveLength(4));
    for (const text of [...'四五六七八九十', '完']) tell(windows[1], { type: 'comment', text });
    const words = 'Slowly: five comments at once, then one a second.';
    await eventually(() => expect(told(windows[1], 'no').at(-1)).toEqual({ type: 'no', words, text: '完' }));
    tell(other, { type: 'comment', text: '我呢？' });
    await eventually(() => expect(told(other, 'comment').at(-1)).toMatchObject({ text: '我呢？' }));
  });

  it.each([
    ['no JSON', 'hello', 'A command is JSON.'],
    ['null', 'null', 'A command has a type: comment, got, take, leave.'],
    ['a type there is not', '{"type":"constructor"}', 'A command has a type: comment, got, take, leave.'],
    ['a text that is none', '{"type":"comment","text":{"a":1}}', 'The text is a string, and the frame a number.'],
    ['a frame that is none', '{"type":"got","frame":"1"}', 'The text is a string, and the frame a number.'],
    ['an empty comment', '{"type":"comment","text":" \\n "}', 'There is nothing in this comment.'],
    ['a long comment', `{"type":"comment","text":"${'🐾'.repeat(101)}"}`, 'A comment has at most 100 characters.'],
  ])('refuses %s, and says why', async (_what, bad, words) => {
    const examples = await run();
    const at = newRoom();
    const [peer, other] = [await examples.dial(at('甲')), await examples.dial(at('乙'))];
    peer.send(bad);
    await eventually(() => expect(told(peer, 'no')).toEqual([{ type: 'no', words }]));
    tell(peer, { type: 'comment', text: '还在' });
    await eventually(() => expect(told(other, 'comment')).toHaveLength(1));
  });

  it('ends with 1009 for a picture, or a command, that is too large', async () => {
    const examples = await run();
    const at = newRoom();
    const star = await onStage(examples, at('明星'));
    star.send(Buffer.alloc(LARGEST_PICTURE + 1));
    expect(await star.closed).toMatchObject({ code: 1009 });
    const talker = await examples.dial(at('话多'));
    tell(talker, { type: 'comment', text: 'x'.repeat(2000) });
    expect(await talker.closed).toMatchObject({ code: 1009 });
    errorLines.splice(0, 2); // of the two SessionExceptions: a page that sends these is broken
  });

  it('has room for a hundred people', async () => {
    const examples = await run();
    const at = newRoom();
    const people = await Promise.all(Array.from({ length: 100 }, (_, i) => examples.dial(at(`观众 ${i}`))));
    const late = await examples.dial(at('晚'));
    expect(await late.closed).toEqual({ code: 1013, phrase: 'this room is full' });
    await (people[0] as Peer).close(1000);
    const next = await examples.dial(at('下一个'));
    await eventually(() => expect(told(next, 'room').at(-1)).toMatchObject({ people: 100 }));
  });
});

describe('what a person may say', () => {
  it('is remembered for as long as they have a window in the room', () => {
    const session = { getBasicRemote: () => ({ sendText: async () => {} }) } as unknown as Session;
    const room = Room.of('这里');
    const [stays, first, second] = [new Viewer('主人', session), new Viewer('客', session), new Viewer('客', session)];
    for (const each of [stays, first, second]) room.enter(each);
    const says = () => Array.from({ length: 5 }, () => room.say(second, '🐾'));
    expect(says()).toEqual(Array(5).fill(true));
    room.leave(first);
    expect(says()).toContain(false);
    room.leave(second);
    expect(says()).toEqual(Array(5).fill(true)); // as nobody knows them
    for (const each of [stays, second]) room.leave(each);
    expect(Room.of('这里')).not.toBe(room);
  });

  it('is five things at once, and then one a second', () => {
    let now = 1000;
    const allowance = new Allowance(() => now);
    const take = (count: number) => Array.from({ length: count }, () => allowance.take());
    expect(take(7)).toEqual([true, true, true, true, true, false, false]);
    now += 999;
    expect(take(1)).toEqual([false]);
    now += 1;
    expect(take(2)).toEqual([true, false]);
    now += 3_600_000;
    expect(take(6)).toEqual([true, true, true, true, true, false]);
  });
});
