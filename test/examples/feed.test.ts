/** The feed on the wire. What it keeps is the process's, so every test has people of its own. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Notice } from '../../examples/feed/notice.js';
import { Press } from '../../examples/feed/press.js';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { type Running, run } from './running.js';

interface Heard {
  readonly kind: string;
  readonly [field: string]: unknown;
}

const window = (examples: Running, uid: string) => examples.dial(`/feed/${encodeURIComponent(uid)}`);

const heard = (peer: Peer): Heard[] => peer.received.map((line) => JSON.parse(String(line)));

const only = (peer: Peer, kind: string): Heard[] => heard(peer).filter((notice) => notice.kind === kind);

const hello = (peer: Peer) => eventually(() => only(peer, 'hello')[0] ?? Promise.reject(new Error('no hello yet')));

const texts = (posts: unknown) => (posts as { text: string }[]).map(({ text }) => text);

const send = (peer: Peer, wish: object) => peer.send(JSON.stringify(wish));

let refs = 0;

const post = (peer: Peer, text: string, ref = String(refs++)) => send(peer, { kind: 'post', text, ref });

/** Exactly these posts so far, and in this order. */
const reads = (peer: Peer, ...posts: string[]) => eventually(() => expect(texts(only(peer, 'post'))).toEqual(posts));

/** Follows, and waits until that is so. */
async function follow(peer: Peer, author: string): Promise<Heard> {
  const before = only(peer, 'followed').length;
  send(peer, { kind: 'follow', author });
  return eventually(() => only(peer, 'followed')[before] ?? Promise.reject(new Error('does not follow yet')));
}

/** Until the author has a receipt for so many posts. */
const posted = (peer: Peer, count: number) => eventually(() => expect(only(peer, 'posted')).toHaveLength(count));

const errorLines: unknown[][] = [];

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
});

afterEach(() => {
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

describe('feed', () => {
  it('[EX-F1] brings a post to every window of the followers, once each, and to nobody else', async () => {
    const examples = await run();
    const [author, other] = [await window(examples, '作者 🐾/?#'), await window(examples, '路人')];
    const [first, second] = [await window(examples, '读者'), await window(examples, '读者')];
    expect(await follow(first, '作者 🐾/?#')).toEqual({ kind: 'followed', author: '作者 🐾/?#', posts: [] });
    await eventually(() => expect(only(second, 'followed')).toHaveLength(1));
    post(author, '你好，世界 👩‍👩‍👧‍👦 <b>&"\'');
    post(author, '再见');
    for (const peer of [first, second]) await reads(peer, '你好，世界 👩‍👩‍👧‍👦 <b>&"\'', '再见');
    await posted(author, 2);
    expect(only(author, 'posted')).toMatchObject([{ reached: 1, author: '作者 🐾/?#' }, { text: '再见' }]);
    expect([...only(author, 'post'), ...only(other, 'post'), ...only(other, 'posted')]).toEqual([]);
  });

  it('[EX-F1] shows a new follower the last ten, in order', async () => {
    const examples = await run();
    const author = await window(examples, '多产');
    for (let i = 1; i <= 13; i++) post(author, `第${i}条`);
    await posted(author, 13);
    const reader = await window(examples, '新来');
    expect((await hello(reader))['posts']).toEqual([]);
    const { posts } = await follow(reader, '多产');
    expect(texts(posts)).toEqual(Array.from({ length: 10 }, (_, i) => `第${i + 4}条`));
    post(author, '第14条');
    await reads(reader, '第14条');
    send(reader, { kind: 'follow', author: '多产' }); // again: it is so already
    post(author, '第15条');
    await reads(reader, '第14条', '第15条');
    expect(only(reader, 'followed')).toHaveLength(1);
    expect(texts((await hello(await window(examples, '新来')))['posts'])).toEqual(Array.from({ length: 10 }, (_, i) => `第${i + 6}条`));
  });

  it('[EX-F1] stops at once, in all windows, when one of them unfollows', async () => {
    const examples = await run();
    const author = await window(examples, '被取关');
    const [first, second] = [await window(examples, '善变'), await window(examples, '善变')];
    await follow(first, '被取关');
    post(author, '看得到');
    for (const peer of [first, second]) await reads(peer, '看得到');
    send(second, { kind: 'unfollow', author: '被取关' });
    send(second, { kind: 'unfollow', author: '被取关' });
    send(second, { kind: 'unfollow', author: '没有这个人' });
    for (const peer of [first, second])
      await eventually(() => expect(only(peer, 'unfollowed')).toEqual([{ kind: 'unfollowed', author: '被取关' }]));
    post(author, '看不到');
    await posted(author, 2);
    expect(only(author, 'posted').at(-1)).toMatchObject({ reached: 0 });
    expect(texts((await follow(first, '被取关'))['posts'])).toEqual(['看得到', '看不到']);
    for (const peer of [first, second]) await reads(peer, '看得到');
  });

  it('[EX-F1] lists those who are here or have posted, with their followers, and tells when that changes', async () => {
    const examples = await run();
    const watcher = await window(examples, '名册');
    const [author, quiet] = [await window(examples, '写过'), await window(examples, '没写过')];
    post(author, '一');
    post(author, '二');
    await posted(author, 2);
    await follow(watcher, '写过');
    for (const peer of [author, quiet]) await peer.close();
    const about = (uid: string) => only(watcher, 'author').filter((each) => each['uid'] === uid);
    await eventually(() => expect(about('没写过').at(-1)).toMatchObject({ online: false, hasPosted: false }));
    await eventually(() => expect(about('写过').at(-1)).toMatchObject({ online: false }));
    expect(about('写过').map(({ kind: _kind, uid: _uid, ...rest }) => rest)).toEqual([
      { online: true, followers: 0, hasPosted: false },
      { online: true, followers: 0, hasPosted: true },
      { online: true, followers: 1, hasPosted: true },
      { online: false, followers: 1, hasPosted: true },
    ]);
    const { authors, follows } = await hello(await window(examples, '名册'));
    expect([authors, follows]).toEqual([expect.arrayContaining([{ uid: '写过', online: false, followers: 1, hasPosted: true }]), ['写过']]);
    expect((authors as { uid: string }[]).map(({ uid }) => uid)).not.toContain('没写过');
  });

  it('[EX-F1] takes a post once that a page sends again because it was cut off', async () => {
    const examples = await run();
    const [author, reader] = [await window(examples, '重发'), await window(examples, '只看一次')];
    await follow(reader, '重发');
    post(author, '一次', 'same');
    await reads(reader, '一次');
    author.socket.terminate(); // and has heard nothing of it
    const back = await window(examples, '重发');
    post(back, '一次', 'same');
    post(back, '两次');
    await reads(reader, '一次', '两次');
  });

  it.each([
    ['no JSON', '{', 'a message is JSON'],
    ['a number', '5', 'a message is a JSON object'],
    ['an unknown kind', '{"kind":"like","author":"a"}', '"kind" is one of follow, unfollow, post'],
    ['no author', '{"kind":"follow"}', '"author" is a text of 1 to 64 characters'],
    ['a long post', `{"kind":"post","text":"${'喵'.repeat(281)}","ref":"1"}`, '"text" is a text of 1 to 280 characters'],
    ['an empty post', '{"kind":"post","text":"","ref":"1"}', '"text" is a text of 1 to 280 characters'],
    ['somebody unknown', '{"kind":"follow","author":"没有这个人"}', 'Nobody of that name is here.'],
    ['oneself', '{"kind":"follow","author":"固执"}', 'That is you.'],
  ])('[EX-F1] complains about %s, and the session stays', async (_what, message, complaint) => {
    const examples = await run();
    const peer = await window(examples, '固执');
    peer.send(message);
    await eventually(() => expect(only(peer, 'complaint')).toEqual([{ kind: 'complaint', text: complaint }]));
    post(peer, '喵'.repeat(280));
    await posted(peer, 1);
  });

  it('[EX-F1] complains a thousand times to whoever listens', async () => {
    const peer = await window(await run(), '胡言乱语');
    for (let i = 0; i < 1000; i++) peer.send('{');
    await eventually(() => expect(peer.received).toHaveLength(1001));
  });

  it('[EX-F1] refuses a name that is too long', async () => {
    const peer = await window(await run(), '长'.repeat(65));
    expect(await peer.closed).toEqual({ code: 1008, phrase: 'a name has at most 64 characters' });
  });

  it('[EX-F1] waits for nobody who does not read, or leaves in the middle', async () => {
    const examples = await run();
    const author = await window(examples, '快笔');
    const [slow, quick] = [await window(examples, '慢眼'), await window(examples, '快眼')];
    await follow(slow, '快笔');
    await follow(quick, '快笔');
    slow.socket.pause();
    const said = Array.from({ length: 1000 }, (_, i) => `${i} ${'喵'.repeat(270)}`);
    for (const text of said) post(author, text);
    await eventually(() => expect(quick.received.length).toBeGreaterThanOrEqual(500));
    slow.socket.terminate();
    await posted(author, 1000);
    await reads(quick, ...said);
    expect(texts((await hello(await window(examples, '慢眼')))['posts'])).toEqual(said.slice(-10));
  });
});

describe('the press', () => {
  class Page {
    readonly notices: Notice['body'][] = [];
    add(notice: Notice): void {
      this.notices.push(notice.body);
    }
  }

  it('[EX-F1] knows so many people, and forgets who has been away for longest, with their posts and followers', () => {
    const press = new Press({ people: 3, follows: 1 });
    const pages = { a: new Page(), b: new Page(), c: new Page(), d: new Page() };
    const a = press.open('a', pages.a);
    const b = press.open('b', pages.b);
    const c = press.open('c', pages.c);
    if (a === null || b === null || c === null) throw new Error('no room');
    expect(press.open('d', pages.d)).toBeNull();
    press.post(b, { text: 'b', ref: '1' });
    press.post(c, { text: 'c', ref: '1' });
    expect([press.follow(a, 'b'), press.follow(a, 'c')]).toEqual([null, 'One can follow 1 authors.']);
    press.leave(c, pages.c);
    press.leave(b, pages.b);
    press.open('d', pages.d); // for whom c is forgotten
    expect(pages.d.notices[0]).toMatchObject({ authors: [{ uid: 'a' }, { uid: 'b' }], follows: [], posts: [] });
    press.open('e', new Page()); // and b
    expect(pages.a.notices).toContainEqual({ kind: 'unfollowed', author: 'b' });
    expect(press.follow(a, 'b')).toBe('Nobody of that name is here.');
  });

  it('[EX-F1] shows a window the last fifty posts of all the authors', () => {
    const press = new Press({ people: 10, follows: 10 });
    const reader = press.open('reader', new Page());
    for (let i = 0; i < 6; i++) {
      const author = press.open(`${i}`, new Page());
      if (author === null || reader === null) throw new Error('no room');
      press.follow(reader, `${i}`);
      for (let post = 0; post < 10; post++) press.post(author, { text: `${i}.${post}`, ref: `${post}` });
    }
    const page = new Page();
    press.open('reader', page);
    const [hello] = page.notices;
    const last = Array.from({ length: 50 }, (_, i) => `${1 + Math.floor(i / 10)}.${i % 10}`);
    expect(hello?.kind === 'hello' && hello.posts.map(({ text }) => text)).toEqual(last);
  });

  it('[EX-F1] keeps nobody who has left nothing behind', () => {
    const press = new Press({ people: 2, follows: 1 });
    const page = new Page();
    const last = new Page();
    for (const uid of ['a', 'b']) {
      const person = press.open(uid, page);
      if (person === null) throw new Error('no room');
      if (uid === 'a') press.post(person, { text: 'a', ref: '1' });
      press.leave(person, page);
    }
    press.open('c', last); // a is still known, and not forgotten for b
    expect(last.notices[0]).toMatchObject({ authors: [{ uid: 'a', hasPosted: true }] });
  });
});
