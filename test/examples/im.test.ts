/** The messenger on the wire. What it keeps is the process's, so every test has people of its own. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Messenger } from '../../examples/im/messenger.js';
import type { Notice } from '../../examples/im/notice.js';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { type Running, run } from './running.js';

interface Heard {
  readonly kind: string;
  readonly [field: string]: unknown;
}

const window = (examples: Running, uid: string, query = '') => examples.dial(`/im/${encodeURIComponent(uid)}${query}`);

const heard = (peer: Peer): Heard[] => peer.received.map((line) => JSON.parse(String(line)));

const only = (peer: Peer, kind: string): Heard[] => heard(peer).filter((notice) => notice.kind === kind);

const hello = (peer: Peer) => eventually(() => only(peer, 'hello')[0] ?? Promise.reject(new Error('no hello yet')));

/** Exactly these messages so far, and in this order. */
const reads = (peer: Peer, ...messages: string[]) =>
  eventually(() => expect(only(peer, 'message').map(({ from, text }) => `${from}: ${text}`)).toEqual(messages));

let refs = 0;

const say = (peer: Peer, to: string, text: string, ref = String(refs++)) => peer.send(JSON.stringify({ kind: 'say', to, text, ref }));

const complaints = (peer: Peer, ...texts: unknown[]) =>
  eventually(() => expect(only(peer, 'complaint').map(({ text }) => text)).toEqual(texts));

const errorLines: unknown[][] = [];

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
});

afterEach(() => {
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

describe('im', () => {
  it('[EX-I1] brings a message to every window of both, once each, and to nobody else', async () => {
    const examples = await run();
    const [ming1, ming2, hong1, hong2, other] = [
      await window(examples, '小明 🐾'),
      await window(examples, '小明 🐾'),
      await window(examples, '小红/?#'),
      await window(examples, '小红/?#'),
      await window(examples, '别人'),
    ];
    say(ming1, '小红/?#', '你好 👩‍👩‍👧‍👦 <b>&"\'');
    await reads(hong2, '小明 🐾: 你好 👩‍👩‍👧‍👦 <b>&"\'');
    say(hong2, '小明 🐾', '再见');
    for (const peer of [ming1, ming2, hong1, hong2]) await reads(peer, '小明 🐾: 你好 👩‍👩‍👧‍👦 <b>&"\'', '小红/?#: 再见');
    say(other, '小红/?#', '我来了');
    await reads(hong1, '小明 🐾: 你好 👩‍👩‍👧‍👦 <b>&"\'', '小红/?#: 再见', '别人: 我来了');
    await reads(other, '别人: 我来了');
  });

  it('[EX-I1] has one order for a conversation, the same in all windows', async () => {
    const examples = await run();
    const all = [await window(examples, '甲'), await window(examples, '甲'), await window(examples, '乙'), await window(examples, '乙')];
    for (let i = 0; i < 40; i++) for (const [w, peer] of all.entries()) say(peer, w < 2 ? '乙' : '甲', `${w}.${i}`);
    for (const peer of all) await eventually(() => expect(only(peer, 'message')).toHaveLength(160));
    const [first, ...rest] = all.map((peer) => only(peer, 'message').map(({ id }) => Number(id)));
    expect(first).toEqual([...(first ?? [])].sort((a, b) => a - b));
    expect(new Set(first).size).toBe(160);
    for (const ids of rest) expect(ids).toEqual(first);
  });

  it('[EX-I1] tells who is here and who has gone, by their first window and their last', async () => {
    const examples = await run();
    const watcher = await window(examples, '看门人');
    const [one, two] = [await window(examples, '访客'), await window(examples, '访客')];
    expect((await hello(one))['people']).toContainEqual({ uid: '看门人', online: true });
    await one.close();
    two.socket.terminate(); // mid-way, without a goodbye
    const visits = () => only(watcher, 'presence').filter(({ uid }) => uid === '访客');
    await eventually(() => expect(visits().at(-1)).toMatchObject({ online: false }));
    await window(examples, '访客');
    await eventually(() => expect(visits().map(({ online }) => online)).toEqual([true, false, true]));
    await watcher.close();
    await eventually(async () =>
      expect((await hello(await window(examples, '后来的人')))['people']).not.toContainEqual(expect.objectContaining({ uid: '看门人' })),
    );
  });

  it('[EX-I1] takes the marks from all windows of a person when one has read', async () => {
    const examples = await run();
    const writer = await window(examples, '写信人');
    const [one, two] = [await window(examples, '收信人'), await window(examples, '收信人')];
    say(writer, '收信人', '一');
    say(writer, '收信人', '二');
    say(writer, '收信人', '三');
    await eventually(() => expect(only(one, 'message')).toHaveLength(3));
    const ids = only(one, 'message').map(({ id }) => Number(id));
    one.send(JSON.stringify({ kind: 'read', with: '写信人', upTo: ids[1] }));
    one.send(JSON.stringify({ kind: 'read', with: '写信人', upTo: ids[1] })); // again: nothing new
    one.send(JSON.stringify({ kind: 'read', with: '没有这个人', upTo: ids[1] }));
    for (const peer of [one, two]) {
      await eventually(() => expect(only(peer, 'read')).toEqual([{ kind: 'read', with: '写信人', upTo: ids[1] }]));
    }
    expect(await hello(await window(examples, '收信人'))).toMatchObject({ unread: [ids[2]], newest: ids[2] });
    say(two, '写信人', '四');
    await eventually(() => expect(only(one, 'message')).toHaveLength(4));
    expect([only(one, 'read'), only(two, 'read'), only(writer, 'read')].map(({ length }) => length)).toEqual([1, 1, 0]);
  });

  it('[EX-I1] keeps what is written to someone who is away, and delivers it at the next open, once', async () => {
    const examples = await run();
    const writer = await window(examples, '写给离线');
    const reader = await window(examples, '离线 🌙');
    await reader.close();
    await eventually(() => expect(only(writer, 'presence').at(-1)).toMatchObject({ uid: '离线 🌙', online: false }));
    say(writer, '离线 🌙', '在吗？');
    say(writer, '从未来过', '欢迎');
    await eventually(() => expect(only(writer, 'message')).toHaveLength(2));

    const back = await window(examples, '离线 🌙');
    await reads(back, '写给离线: 在吗？');
    const newest = Number((await hello(back))['newest']);
    expect((await hello(back))['unread']).toEqual([newest]);
    await reads(await window(examples, '从未来过'), '写给离线: 欢迎');

    await back.close(); // and comes back, with what it has
    const again = await window(examples, '离线 🌙', `?since=${newest}`);
    expect(await hello(again)).toMatchObject({ newest, lost: 0 });
    say(writer, '离线 🌙', '还在吗？');
    await reads(again, '写给离线: 还在吗？');
  });

  it('[EX-I1] keeps two hundred messages for a person; the oldest go, and the reader is told how many, once', async () => {
    const examples = await run();
    const writer = await window(examples, '话多');
    for (let i = 0; i < 207; i++) say(writer, '久别', `第${i}封`);
    await eventually(() => expect(only(writer, 'message')).toHaveLength(207));
    const reader = await window(examples, '久别');
    await reads(reader, ...Array.from({ length: 200 }, (_, i) => `话多: 第${i + 7}封`));
    expect(await hello(reader)).toMatchObject({ lost: 7, people: expect.arrayContaining([{ uid: '话多', online: true }]) });
    expect(await hello(await window(examples, '久别'))).toMatchObject({ lost: 0 });
  });

  it('[EX-I1] takes a message once that a page sends again because it was cut off', async () => {
    const examples = await run();
    const [writer, reader] = [await window(examples, '重发'), await window(examples, '收一次')];
    say(writer, '收一次', '一次', 'same');
    await writer.close();
    const back = await window(examples, '重发');
    say(back, '收一次', '一次', 'same');
    say(back, '收一次', '两次');
    await reads(reader, '重发: 一次', '重发: 两次');
    await reads(back, '重发: 一次', '重发: 两次');
  });

  it.each([
    ['no JSON', '{', 'a message is JSON'],
    ['null', 'null', 'a message is a JSON object'],
    ['a list', '[]', 'a message is a JSON object'],
    ['an unknown kind', '{"kind":"shout"}', '"kind" is one of say, read'],
    ['no text', '{"kind":"say","to":"b","ref":"1"}', '"text" is a text of 1 to 2000 characters'],
    ['a long text', `{"kind":"say","to":"b","text":"${'喵'.repeat(2001)}","ref":"1"}`, '"text" is a text of 1 to 2000 characters'],
    ['a long name', `{"kind":"say","to":"${'b'.repeat(65)}","text":"x","ref":"1"}`, '"to" is a text of 1 to 64 characters'],
    ['half an emoji', '{"kind":"say","to":"\\ud800","text":"x","ref":"1"}', '"to" is a text of 1 to 64 characters'],
    ['no number', '{"kind":"read","with":"b","upTo":"now"}', '"upTo" is a number from 0 to 9007199254740991'],
    ['a word to oneself', '{"kind":"say","to":"固执","text":"x","ref":"1"}', 'That is you.'],
  ])('[EX-I1] complains about %s, and the session stays', async (_what, message, complaint) => {
    const examples = await run();
    const peer = await window(examples, '固执');
    peer.send(message);
    await complaints(peer, complaint);
    peer.send(Buffer.from(message)); // bytes are no messages here
    say(peer, '某人', '还在');
    await eventually(() => expect(only(peer, 'message').at(-1)).toMatchObject({ text: '还在' }));
  });

  it('[EX-I1] complains a thousand times to whoever listens', async () => {
    const peer = await window(await run(), '胡言乱语');
    for (let i = 0; i < 1000; i++) peer.send('{');
    await eventually(() => expect(peer.received).toHaveLength(1001));
  });

  it('[EX-I1] refuses a name that is too long', async () => {
    const peer = await window(await run(), '长'.repeat(65));
    expect(await peer.closed).toEqual({ code: 1008, phrase: 'a name has at most 64 characters' });
  });

  it('[EX-I1] waits for nobody who does not read: others go on, the window is closed, and finds all when it comes back', async () => {
    const examples = await run();
    const writer = await window(examples, '快手');
    const [slow, quick] = [await window(examples, '慢读者'), await window(examples, '慢读者')];
    await hello(slow);
    slow.socket.pause();
    const big = '喵'.repeat(1990);
    for (let burst = 0; burst < 8; burst++) {
      for (let i = 0; i < 200; i++) say(writer, '慢读者', `${burst * 200 + i} ${big}`);
      await eventually(() => expect(quick.received.length).toBeGreaterThanOrEqual((burst + 1) * 200));
    }
    const numbers = (peer: Peer) => only(peer, 'message').map(({ text }) => parseInt(String(text), 10));
    await eventually(() => expect(numbers(quick)).toEqual(Array.from({ length: 1600 }, (_, i) => i)));
    slow.socket.resume();
    expect([1006, 1013]).toContain((await slow.closed).code);
    const taken = numbers(slow);
    expect(taken).toEqual(taken.map((_, i) => i));
    const newest = only(slow, 'message').at(-1)?.['id'];
    const back = await window(examples, '慢读者', `?since=${newest}`);
    await eventually(() => expect(numbers(back).at(-1)).toBe(1599));
    expect(numbers(back)).toEqual(Array.from({ length: numbers(back).length }, (_, i) => 1600 - numbers(back).length + i));
    expect([taken.length + numbers(back).length + Number((await hello(back))['lost']), numbers(back).length]).toEqual([1600, 200]);
  });
});

describe('the messenger', () => {
  class Box {
    readonly notices: Notice['body'][] = [];
    add(notice: Notice): void {
      this.notices.push(notice.body);
    }
  }

  const wish = (to: string, text: string) => ({ to, text, ref: text });

  it('[EX-I1] keeps so many messages in all: the oldest go, whosever they are', () => {
    const messenger = new Messenger({ perPerson: 10, inAll: 3, people: 10 });
    const writer = messenger.open('a', new Box(), 0);
    if (writer === null) throw new Error('no room');
    for (const [to, text] of [
      ['b', '1'],
      ['c', '2'],
      ['b', '3'],
      ['c', '4'],
      ['c', '5'],
    ] as const)
      messenger.say(writer, wish(to, text));
    const [b, c] = [new Box(), new Box()];
    messenger.open('b', b, 0);
    messenger.open('c', c, 0);
    const words = (box: Box) => box.notices.flatMap((body) => (body.kind === 'message' ? [body.text] : []));
    expect([words(b), words(c)]).toEqual([['3'], ['4', '5']]);
    expect([b.notices[0], c.notices[0]]).toMatchObject([{ lost: 1 }, { lost: 1 }]);
  });

  it('[EX-I1] counts nothing as lost that a window has been told, and of more than a thousand the rest', () => {
    const messenger = new Messenger({ perPerson: 1, inAll: 5000, people: 10 });
    const [here, away] = [new Box(), new Box()];
    const writer = messenger.open('a', new Box(), 0);
    const reader = messenger.open('b', here, 0);
    if (writer === null || reader === null) throw new Error('no room');
    for (const text of ['1', '2', '3']) messenger.say(writer, wish('b', text));
    messenger.leave(reader, here);
    for (let i = 0; i < 1100; i++) messenger.say(writer, wish('c', `${i}`));
    const back = new Box();
    messenger.open('b', back, 0);
    messenger.open('c', away, 0);
    expect([back.notices[0], away.notices[0]]).toMatchObject([{ lost: 0 }, { lost: 1000 }]);
  });

  it('[EX-I1] knows so many people: it forgets who has been away for longest, but nobody for whom it keeps something', () => {
    const messenger = new Messenger({ perPerson: 10, inAll: 100, people: 3 });
    const [a, b] = [new Box(), new Box()];
    const writer = messenger.open('a', a, 0);
    const visitor = messenger.open('b', b, 0);
    if (writer === null || visitor === null) throw new Error('no room');
    expect(messenger.say(writer, wish('c', '1'))).toBeNull();
    expect(messenger.say(writer, wish('d', '2'))).toBe('There is no room for a further person.');
    messenger.leave(visitor, b);
    expect(messenger.say(writer, wish('d', '3'))).toBeNull();
    expect(messenger.say(writer, wish('e', '4'))).toBe('There is no room for a further person.');
  });

  it('[EX-I1] keeps nobody out who comes for names that were only written to, but those who have been here keep their place', () => {
    const messenger = new Messenger({ perPerson: 10, inAll: 100, people: 3 });
    const boxes = { b: new Box(), c: new Box(), d: new Box() };
    const writer = messenger.open('a', new Box(), 0);
    const away = messenger.open('b', boxes.b, 0);
    if (writer === null || away === null) throw new Error('no room');
    messenger.leave(away, boxes.b);
    expect([messenger.say(writer, wish('b', '1')), messenger.say(writer, wish('c', '2'))]).toEqual([null, null]);
    expect(messenger.open('d', boxes.d, 0)).not.toBeNull(); // for whom c is forgotten
    expect(messenger.open('c', boxes.c, 0)).toBeNull();
    expect(messenger.open('b', boxes.b, 0)).not.toBeNull();
    expect(boxes.b.notices.at(-1)).toMatchObject({ kind: 'message', text: '1' });
  });
});
