/** The chat page in a real browser. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually, sleep } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { EVERY_BROWSER, texts, type Visit, visiting } from './visit.js';

const CHAT = '/examples/websocket/chat';

/** A guest without a page. */
async function listener(visit: Visit): Promise<Peer> {
  const peer = await visit.dial(CHAT);
  await peer.next();
  return peer;
}

const say = async (page: Page, text: string) => {
  await page.fill('#words', text);
  await page.press('#words', 'Enter');
};

visiting('the chat page', EVERY_BROWSER, (visit) => {
  it('[EX-C3] lets two pages talk, in Chinese, with emoji, and with what looks like HTML', async () => {
    const first = await visit.open('/chat/page.html');
    const second = await visit.open('/chat/page.html');
    const said = ['hello', '你好，世界', '🐾👩‍👩‍👧‍👦', '<b>&amp;"\'</b>', '<img src=x onerror=alert(1)>'];
    await say(first, said[0] as string);
    for (const text of said.slice(1)) await say(second, text);
    for (const page of [first, second]) {
      await eventually(async () => expect(await texts(page, '.words')).toEqual(said));
      expect(await page.locator('.words *').count()).toBe(0);
    }
    expect(await texts(first, '.mine .words')).toEqual(['hello']);
    expect(await texts(second, '.mine .words')).toEqual(said.slice(1));
  });

  it('[EX-C1] [EX-C3] has a second room, that of Tomcat 7, which knows nothing of the first', async () => {
    const old = await visit.open('/chat/page.html#tc7');
    const page = await visit.open('/chat/page.html');
    await page.click('#other');
    await eventually(async () => expect(await texts(page, '#me b')).toEqual(['Guest2']));
    const outside = await listener(visit);
    for (const [who, text] of [
      [old, '<i>旧 🐾</i>'],
      [page, '新'],
    ] as const)
      await say(who, text);
    for (const each of [old, page]) await eventually(async () => expect(await texts(each, '.words')).toHaveLength(2));
    expect((await texts(old, '.words')).sort()).toEqual(['<i>旧 🐾</i>', '新'].sort());
    expect(outside.received).toHaveLength(1);
    await page.click('#other');
    await eventually(() => expect(outside.received).toHaveLength(2));
    await eventually(async () => expect((await texts(old, '.event span')).at(-1)).toBe('Guest2 has disconnected.'));
    expect(await texts(page, '.words')).toEqual([]);
    await outside.close();
  });

  it('[EX-C2] [EX-C4] shows who comes and goes', async () => {
    const first = await visit.open('/chat/page.html');
    const second = await visit.open('/chat/page.html');
    const name = await second.textContent('#me b');
    await second.close();
    await eventually(async () =>
      expect(await texts(first, '.event span')).toEqual([expect.any(String), `${name} has joined.`, `${name} has disconnected.`]),
    );
  });

  it('[EX-0] keeps a hundred lines', async () => {
    const page = await visit.open('/chat/page.html');
    const peer = await listener(visit);
    for (let i = 0; i < 150; i++) {
      peer.send(String(i));
      await peer.next();
    }
    await eventually(async () => expect((await texts(page, '.words')).at(-1)).toBe('149'));
    expect(await page.locator('#lines > li').count()).toBe(100);
    await peer.close();
  });

  it('shows why it was closed, and joins again when asked', async () => {
    const page = await visit.open('/chat/page.html');
    await page.click('#toggle');
    await page.waitForSelector('#state[data-state=closed]');
    expect((await texts(page, '.event span')).at(-1)).toBe('closed: 1000 normal closure');
    expect(await page.isDisabled('#send')).toBe(true);
    await page.click('#toggle');
    await page.waitForSelector('#state[data-state=open]');
    await say(page, 'back');
    await eventually(async () => expect(await texts(page, '.words')).toEqual(['back']));
  });

  it('[EX-0] keeps what was written while the server is away, and joins again by itself', async () => {
    const page = await visit.open('/chat/page.html');
    await visit.stopServer();
    await page.waitForSelector('#state[data-state=lost]');
    await say(page, '你好，还在吗 🐾');
    expect(await page.inputValue('#words')).toBe('你好，还在吗 🐾');
    await visit.startServer();
    await page.waitForSelector('#state[data-state=open]');
    await eventually(async () => expect(await texts(page, '.event span')).toHaveLength(3));
    const [joined, closed, again] = await texts(page, '.event span');
    expect([joined, again]).toEqual([expect.stringMatching(/^Guest\d+ has joined\.$/), expect.stringMatching(/^Guest\d+ has joined\.$/)]);
    expect(closed).toMatch(/^closed: 1001 going away/);
    expect(await page.textContent('#me b')).toBe(again?.split(' ')[0]);
    await page.press('#words', 'Enter');
    await eventually(async () => expect(await texts(page, '.mine .words')).toEqual(['你好，还在吗 🐾']));
  });

  it('[EX-C2] [EX-C3] looks like this', async () => {
    const [page, other] = [await visit.open('/chat/page.html'), await visit.open('/chat/page.html')];
    await say(page, 'Good evening! Anybody up in the trees?');
    await eventually(async () => expect(await texts(other, '.words')).toHaveLength(1));
    await say(other, '晚上好 🌙');
    await say(other, 'A margay never is anywhere else.');
    await eventually(async () => expect(await texts(page, '.words')).toHaveLength(3));
    await say(page, 'if (cat < tree && tree > ground) climb("up"); 🐾');
    const peer = await listener(visit);
    peer.send('Room for one more?');
    await eventually(async () => expect(await texts(page, '.words')).toHaveLength(5));
    await visit.picture(page, 'chat');
    await peer.close();
  });

  it('answers an unmodified WebSocket of any page', async () => {
    const page = await visit.context.newPage(); // about:blank: its origin is null
    const line = await page.evaluate(
      `new Promise((done, failed) => {
        const socket = new WebSocket('ws://localhost:${new URL(visit.examples.url).port}${CHAT}');
        const lines = [];
        socket.onopen = () => socket.send('你好 🐾 <i>');
        socket.onerror = failed;
        socket.onmessage = ({ data }) => { lines.push(data); if (lines.length === 2) socket.close(4000, 'enough'); };
        socket.onclose = ({ code, reason }) => done([...lines, code, reason]);
      })`,
    );
    const joined = expect.stringMatching(/^\* Guest\d+ has joined\.$/);
    expect(line).toEqual([joined, expect.stringMatching(/^Guest\d+: 你好 🐾 &lt;i&gt;$/), 4000, 'enough']);
  });

  const ways: [string, (page: Page) => Promise<unknown>][] = [
    ['closing', (page) => page.close()],
    ['reloading', (page) => page.reload()],
    ['killing', (page) => visit.kill(page)],
  ];

  it.each(ways)('[EX-0] %s a tab gives exactly one @OnClose, and no error line', async (way, leave) => {
    const page = await visit.open('/chat/page.html');
    const name = await page.textContent('#me b');
    const peer = await listener(visit);
    await leave(page);
    await eventually(() => expect(peer.received).toContain(`* ${name} has disconnected.`));
    await sleep(300);
    const about = peer.received.filter((line) => String(line).includes(`${name} `));
    expect([way, about]).toEqual([way, [`* ${name} has disconnected.`]]);
    await peer.close();
  });
});
