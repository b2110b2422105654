/** Co-edit, as pages write it together: yjs in each of them, and the server between. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as Y from 'yjs';
import { Library } from '../../examples/co-edit/library.js';
import { LARGEST } from '../../examples/co-edit/shared-document.js';
import { eventually } from '../support/eventually.js';
import { seed } from '../support/property.js';
import { type Random, randomFrom } from '../support/random-streams.js';
import { Copy, message } from './copy.js';
import { type Running, run } from './running.js';

let documents = 0;

/** One that no other test has written. */
const fresh = () => `/co-edit/${encodeURIComponent(`文档 📄 ${process.pid} ${documents++}`)}`;

async function copies(count: number, examples: Running, path = fresh()): Promise<Copy[]> {
  const opened: Copy[] = [];
  while (opened.length < count) opened.push(new Copy(await examples.dial(path)));
  return opened;
}

/** All of them know all, and read the same. */
function agree(...all: Copy[]): Promise<void> {
  return eventually(() => {
    const [first, ...others] = all.map(({ doc }) => Y.decodeStateVector(Y.encodeStateVector(doc)));
    for (const other of others) expect(other).toEqual(first);
    for (const each of all) expect(`${each}`.slice(0, 2000)).toBe(`${all[0]}`.slice(0, 2000));
    for (const { doc } of all) expect(doc.store.pendingStructs).toBeNull();
  });
}

const errorLines: unknown[][] = [];

beforeEach(() => {
  for (const level of ['error', 'warn'] as const) jest.spyOn(console, level).mockImplementation((...line) => void errorLines.push(line));
});

afterEach(() => {
  jest.restoreAllMocks();
  expect(errorLines.splice(0)).toEqual([]);
});

describe('co-edit', () => {
  it('brings what one types to the others, and to who comes later', async () => {
    const examples = await run();
    const path = fresh();
    const [a, b] = (await copies(2, examples, path)) as [Copy, Copy];
    a.type(0, '你好，世界 🐾 ');
    await eventually(() => expect(`${b}`).toBe('你好，世界 🐾 '));
    b.type(b.text.length, '<b>👩‍👩‍👧‍👦</b>');
    const [late] = (await copies(1, examples, path)) as [Copy];
    await agree(a, b, late);
    expect(`${late}`).toBe('你好，世界 🐾 <b>👩‍👩‍👧‍👦</b>');
  });

  it('keeps documents apart', async () => {
    const examples = await run();
    const [[a], [b]] = [(await copies(1, examples)) as [Copy], (await copies(1, examples)) as [Copy]];
    a.type(0, 'mine');
    b.type(0, 'yours');
    await agree(b);
    expect([`${a}`, `${b}`]).toEqual(['mine', 'yours']);
  });

  it.each([seed, seed + 1, seed + 2])('makes the same text of whatever three write at the same time (FUZZ_SEED=%i)', async (each) => {
    const random = randomFrom(each);
    const all = await copies(3, await run());
    for (let round = 0; round < 60; round++) {
      scribble(all[random(3)] as Copy, random);
      if (random(8) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await agree(...all);
  });

  it('merges what was written while there was no server, though the server knows nothing any more', async () => {
    const examples = await run();
    const [a, b] = (await copies(2, examples)) as [Copy, Copy];
    a.type(0, '一二三');
    await agree(a, b);
    await Promise.all([a.disconnect(), b.disconnect()]);
    a.type(0, '🐈 ');
    b.type(3, ' 🐆');
    b.text.delete(1, 1);
    const path = fresh(); // which the server has never heard of
    a.connect(await examples.dial(path));
    b.connect(await examples.dial(path));
    await agree(a, b);
    expect(`${a}`).toBe('🐈 一三 🐆');
  });

  it('tells also whoever brought the missing piece what had been waiting for it', async () => {
    const doc = new Y.Doc();
    doc.getText('text').insert(0, '先');
    const [first, known] = [Y.encodeStateAsUpdate(doc), Y.encodeStateVector(doc)];
    doc.getText('text').insert(1, '后');
    const second = Y.encodeStateAsUpdate(doc, known);

    const examples = await run();
    const path = fresh();
    const [early, late] = [await examples.dial(path), await examples.dial(path)];
    for (const peer of [early, late]) await peer.take(2); // who is there, and what the server has
    early.send(message(1, second));
    early.send(''); // refused when the server has looked at the other one
    await early.next();
    late.send(message(1, first));
    for (const peer of [early, late]) {
      const copy = new Y.Doc();
      for (const update of [first, ((await peer.next()) as Buffer).subarray(1)]) Y.applyUpdate(copy, update);
      expect(copy.getText('text').toString()).toBe('先后');
    }
  });

  it.each([
    ['nothing', Buffer.alloc(0), /begins with 0/],
    ['another kind', Buffer.from([7, 1, 2]), /begins with 0/],
    ['no change', message(1, Buffer.from('🐾 no change at all 🐾')), /no change/],
    ['a change cut short', message(1, changeOf((doc) => doc.getText('text').insert(0, '喵'.repeat(50))).subarray(0, 60)), /no change/],
    ['no state', message(0, Buffer.from([200, 200, 200])), /no state/],
    [
      'a picture',
      message(
        1,
        changeOf((doc) => doc.getText('text').insertEmbed(0, { image: 'cat' })),
      ),
      /text, and nothing else/,
    ],
    [
      'bold letters',
      message(
        1,
        changeOf((doc) => doc.getText('text').insert(0, 'fat', { bold: true })),
      ),
      /text, and nothing else/,
    ],
    [
      'another text',
      message(
        1,
        changeOf((doc) => doc.getText('secret').insert(0, 'hidden')),
      ),
      /text, and nothing else/,
    ],
    [
      'a map',
      message(
        1,
        changeOf((doc) => doc.getMap('text').set('text', 'value')),
      ),
      /text, and nothing else/,
    ],
    ['no JSON', '{"name":', /JSON/],
    ['a person without a name', '{"caret":1}', /has a name/],
    ['null', 'null', /has a name/],
  ])('refuses %s, says why, and nobody else hears of it', async (_what, bad, why) => {
    const examples = await run();
    const path = fresh();
    const [a, b] = (await copies(2, examples, path)) as [Copy, Copy];
    a.type(0, '安静');
    await agree(a, b);
    const guest = await examples.dial(path);
    await guest.take(2);
    const heard = b.updates;
    guest.send(bad);
    expect(JSON.parse(String(await guest.next()))).toEqual({ refused: expect.stringMatching(why) });
    const c = new Copy(guest); // goes on with the same connection
    await agree(a, b, c);
    c.type(2, '。');
    await agree(a, b, c);
    expect([`${a}`, b.updates, b.notes.filter((note) => !('here' in note))]).toEqual(['安静。', heard + 1, []]);
  });

  it('refuses what would make a document too large, and lets deleting make room', async () => {
    const examples = await run();
    const path = fresh();
    const [a, b] = (await copies(2, examples, path)) as [Copy, Copy];
    a.type(0, 'x'.repeat(LARGEST - 1000));
    await eventually(() => expect(b.text.length).toBe(LARGEST - 1000));
    b.type(0, '猫'.repeat(500));
    await eventually(() => expect(b.notes.at(-1)).toEqual({ refused: 'The document is full: it has 512 KiB with its history.' }));
    a.text.delete(0, LARGEST - 2000);
    a.type(0, '有地方了');
    const [late] = (await copies(1, examples, path)) as [Copy];
    await agree(a, late);
    expect(late.text.length).toBe(1000 + 4);
  });

  it('tells who is there, where their carets are, and who has gone', async () => {
    const examples = await run();
    const path = fresh();
    const [first, second] = [await examples.dial(path), await examples.dial(path)];
    for (const peer of [first, second]) expect(JSON.parse(String(await peer.next()))).toEqual({ here: [] });
    await first.next();
    first.send(JSON.stringify({ name: `小明🐾${'长'.repeat(60)}`, caret: { tname: 'text', assoc: -1 }, more: 'is not told' }));
    await second.next();
    const { moved } = JSON.parse(String(await second.next())) as { moved: { id: number } };
    expect(moved).toEqual({ id: expect.any(Number), name: `小明🐾${'长'.repeat(37)}`, caret: { tname: 'text', assoc: -1 } });
    const third = await examples.dial(path);
    expect(JSON.parse(String(await third.next()))).toEqual({ here: [moved] });
    first.socket.terminate();
    expect(JSON.parse(String(await second.next()))).toEqual({ gone: moved.id });
  });

  it('[EX-0] sends what somebody has missed as one change, when they do not read, and lets nobody wait', async () => {
    const examples = await run();
    const path = fresh();
    const [writer, reader] = (await copies(2, examples, path)) as [Copy, Copy];
    const peer = await examples.dial(path);
    const slow = new Copy(peer);
    await eventually(() => expect(slow.updates).toBe(1));
    peer.socket.pause();
    for (let i = 0; i < 80; i++) {
      writer.text.delete(0, writer.text.length); // more than the buffers between two sockets hold, though the text stays short
      writer.type(0, `${i} ${'喵'.repeat(100_000)}`);
      await eventually(() => expect(`${reader}`.slice(0, 3)).toBe(`${i} 喵`.slice(0, 3)));
    }
    const [sent, until] = [reader.updates, slow.updates];
    peer.socket.resume();
    await eventually(() => expect(`${slow}`.slice(0, 3)).toBe('79 '));
    expect([until, slow.updates]).toEqual([1, expect.any(Number)]);
    expect(slow.updates).toBeLessThan(sent);
    writer.type(4, '还在');
    await agree(writer, reader, slow);
  }, 60_000);

  it('[EX-0] says nothing of people who leave while something is on its way to them', async () => {
    const examples = await run();
    const path = fresh();
    const [writer, reader] = (await copies(2, examples, path)) as [Copy, Copy];
    const peer = await examples.dial(path);
    peer.socket.pause();
    for (let i = 0; i < 100; i++) {
      writer.text.delete(0, writer.text.length);
      writer.type(0, '喵'.repeat(50_000));
    }
    peer.socket.terminate();
    writer.text.delete(0, writer.text.length);
    await eventually(() => expect(`${reader}`).toBe(''));
    await agree(writer, reader);
  }, 60_000);
});

describe('the library', () => {
  it('forgets the document that was left first, and none that is open', () => {
    const library = new Library(2);
    const session = { getBasicRemote: () => ({ sendText: async () => {}, sendBinary: async () => {} }) } as never;
    const open = (name: string) => {
      const document = library.open(name);
      return document && { document, editor: document.join(session) };
    };
    const leave = ({ document, editor }: NonNullable<ReturnType<typeof open>>) => {
      document.leave(editor);
      library.close(document);
    };
    const [first, second] = [open('一'), open('二')];
    expect(open('三')).toBeNull();
    leave(second as NonNullable<typeof second>);
    leave(first as NonNullable<typeof first>);
    expect(open('三')).not.toBeNull();
    expect(library.open('一')).toBe(first?.document);
    expect(library.open('二')).not.toBe(second?.document);
  });
});

describe('the modules of the page', () => {
  it.each(['yjs/dist/yjs.mjs', 'lib0/encoding.js', 'lib0/trait/equality.js', 'lib0/logging.common.js'])('%s is there', async (path) => {
    const { url } = await run();
    const response = await fetch(`${url}/co-edit/modules/${path}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(await response.text()).toMatch(/^(import|export)\b/m);
  });

  it.each([
    'yjs/package.json',
    'yjs/none.js',
    'yjs/../ws/index.js',
    'yjs/%2e%2e/ws/index.js',
    'yjs/..%2fws/index.js',
    'ws/index.js',
    'ws/wrapper.mjs',
    '__proto__/index.js',
    'yjs//dist/yjs.mjs',
    'yjs/dist/yjs.mjs%00.js',
    '',
  ])('%s is nowhere', async (path) => {
    const { url } = await run();
    expect((await fetch(`${url}/co-edit/modules/${path}`)).status).toBe(404);
  });
});

/** What yjs makes of a change to an empty document. */
function changeOf(change: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc();
  change(doc);
  return Y.encodeStateAsUpdate(doc);
}

/** Writes or deletes something somewhere, and never half an emoji. */
function scribble({ text }: Copy, random: Random): void {
  const places = [0];
  for (const each of text.toString()) places.push((places.at(-1) as number) + each.length);
  const at = random(places.length);
  if (random(3) > 0 || at === places.length - 1) {
    text.insert(places[at] as number, ['a', '字', '🐾', '👩‍👩‍👧', '<i>', '\n'][random(6)] as string);
  } else {
    const end = Math.min(places.length - 1, at + 1 + random(3));
    text.delete(places[at] as number, (places[end] as number) - (places[at] as number));
  }
}
