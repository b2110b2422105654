/** The relay's remote side, with peers that write to it by hand. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { DecodeException, type Session } from 'margay';
import { RelayRemote } from '../../examples/relay/remote.js';
import { eventually } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { type Started, start } from '../support/start.js';

const CONTEXT = '/testWebsocket';
const READER = `${CONTEXT}/websocket/userSever/8080`;
const OTHER = `${CONTEXT}/websocket/friend/1`;

const served = () => start(RelayRemote, { contextPath: CONTEXT });
const answerTo = (text: string) => `Got your message (${text}).Thanks !`;
const registered = (): Map<string, Session> => RelayRemote['sessions'];

/** Writes, and waits for the answer, which tells that the remote side is done with the text. */
async function say(peer: RawPeer, text: string): Promise<void> {
  const before = peer.texts.length;
  peer.text(text);
  await eventually(() => expect(peer.texts.slice(before)).toContain(answerTo(text)));
}

async function left(peer: RawPeer): Promise<void> {
  peer.close(1000);
  await peer.finished();
}

afterEach(async () => {
  RawPeer.dropAll();
  await eventually(() => expect(registered().size).toBe(0));
});

describe('the remote side of the relay', () => {
  it.each([['hello'], [''], ['你好，世界 🐾'], ['(a).Thanks !'], ['Got your message (a).Thanks !'], [`a\n"b"\0`]])(
    '[EX-R1] answers %j to whoever writes it, and nobody else hears of it',
    async (text) => {
      const server = await served();
      const [peer, other] = [await RawPeer.open(server, OTHER), await RawPeer.open(server, `${CONTEXT}/websocket/friend/2`)];
      peer.text(text);
      expect(await peer.received(1)).toEqual([answerTo(text)]);
      await say(other, 'and I');
      expect([peer.texts, other.texts]).toEqual([[answerTo(text)], [answerTo('and I')]]);
    },
  );

  it('[EX-R1] sends a text as it is to the session registered as userSever/8080 before it answers', async () => {
    const server = await served();
    const [reader, peer] = [await RawPeer.open(server, READER), await RawPeer.open(server, OTHER)];
    await say(peer, 'one 🐾');
    await say(reader, 'mine');
    await say(peer, 'two');
    expect(await reader.received(4)).toEqual(['one 🐾', 'mine', answerTo('mine'), 'two']);
    expect(peer.texts).toEqual([answerTo('one 🐾'), answerTo('two')]);
  });

  it('[EX-R1] [URI-17] is found with two slashes in front, as the Java clients write it', async () => {
    const server = await served();
    const reader = await RawPeer.open(server, `/${READER}`);
    await say(reader, 'Hello');
    await say(reader, 'access');
    expect(reader.texts).toEqual(['Hello', answerTo('Hello'), 'access', answerTo('access')]);
  });

  it.each(['userSever/8081', 'usersever/8080', 'userServer/8080', '8080/8080'])(
    '[EX-R1] lets nobody read along who registers as %s',
    async (key) => {
      const server = await served();
      const near = await RawPeer.open(server, `${CONTEXT}/websocket/${key}`);
      await say(await RawPeer.open(server, OTHER), 'hello');
      await say(near, 'and I');
      expect(near.texts).toEqual([answerTo('and I')]);
    },
  );

  it('[EX-R1] takes the code for a number, and the relation for what it is decoded', async () => {
    const server = await served();
    const [reader, peer] = [await RawPeer.open(server, `${CONTEXT}/websocket/user%53ever/08080`), await RawPeer.open(server, OTHER)];
    await say(peer, 'hello');
    expect(await reader.received(1)).toEqual(['hello']);
  });

  it('[EX-R1] keeps the newer of two with one key reachable when the older leaves, and nobody when both have', async () => {
    const server = await served();
    const [older, newer] = [await RawPeer.open(server, READER), await RawPeer.open(server, READER)];
    const peer = await RawPeer.open(server, OTHER);
    await say(peer, 'both');
    await left(older);
    await say(peer, 'newer');
    await eventually(() => expect(server.container.statistics().open).toBe(2));
    expect(await newer.received(2)).toEqual(['both', 'newer']);
    expect(older.texts).toEqual([]);
    await left(newer);
    await eventually(() => expect([...registered().keys()]).toEqual(['1/friend']));
    await say(peer, 'nobody');
  });

  it.each(['reset', 'end', 'close'] as const)('[EX-R1] forgets the session of a peer that leaves by %s', async (way) => {
    const server = await served();
    const [reader, peer] = [await RawPeer.open(server, READER), await RawPeer.open(server, OTHER)];
    await eventually(() => expect(registered().size).toBe(2));
    reader[way]();
    await eventually(() => expect([...registered().keys()]).toEqual(['1/friend']));
    await say(peer, 'still answered');
  });

  it.each(['abc', '99999999999', '-99999999999', '1.5', '8080x', '%20'])(
    '[EX-R1] raises a DecodeException for the code %s and registers nothing',
    async (code) => {
      const server = await served();
      const reader = await RawPeer.open(server, READER);
      await eventually(() => expect(registered().size).toBe(1));
      for (const relation of ['x', 'userSever']) await refusedAt(server, `${CONTEXT}/websocket/${relation}/${code}`, code);
      expect([...registered().keys()]).toEqual(['8080/userSever']);
      await say(await RawPeer.open(server, OTHER), 'hello');
      expect(await reader.received(1)).toEqual(['hello']);
    },
  );

  it('[EX-R1] answers however little the one that reads along reads', async () => {
    const server = await served();
    const [reader, peer] = [await RawPeer.open(server, READER), await RawPeer.open(server, OTHER)];
    reader.stopReading();
    const long = 'x'.repeat(500_000);
    for (let i = 0; i < 24; i++) peer.text(`${i} ${long}`);
    await eventually(() => expect(peer.frames).toHaveLength(24));
    const answers = peer.texts.map((text) => text.slice(0, 22).split(' ')[3]);
    expect(answers).toEqual(Array.from({ length: 24 }, (_, i) => `(${i}`));
    expect(server.container.statistics().bytesWaiting).toBeGreaterThan(0); // else nothing was shown
  });
});

/** Connects there: @OnOpen fails for its path value, and so does every other callback. */
async function refusedAt(server: Started, path: string, code: string): Promise<void> {
  const before = server.log.length;
  const peer = await RawPeer.open(server, path);
  expect(await peer.closeFrame()).toMatchObject({ code: 1011 });
  peer.close(1011);
  await peer.finished();
  await eventually(() => expect(server.container.statistics().open).toBe(1));
  const errors = server.log.slice(before).flatMap(({ err }) => (err === undefined ? [] : [err as Error]));
  const raised = errors.filter((error) => error instanceof DecodeException && error.getText() === decodeURIComponent(code));
  expect([raised.length > 0, errors.filter((error) => !(error instanceof DecodeException))]).toEqual([true, []]);
}
