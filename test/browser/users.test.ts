/** The windows of users in a real browser. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { CHROMIUM, texts, type Visit, visiting } from './visit.js';

const pageOf = (visit: Visit, uid: string): Promise<Page> => visit.open(`/users/page.html#${encodeURIComponent(uid)}`);

const say = async (page: Page, text: string) => {
  await page.fill('#words', text);
  await page.press('#words', 'Enter');
};

const online = (page: Page, count: number) => eventually(async () => expect(await page.textContent('#count')).toBe(String(count)));

visiting('the users page', CHROMIUM, (visit) => {
  it('[EX-U1] shows what a user says in all windows of that user, and in no others', async () => {
    const first = await pageOf(visit, '小明');
    const second = await pageOf(visit, '小明');
    const other = await pageOf(visit, '阿豹 🐾');
    const said = ['你好', '🐾👩‍👩‍👧‍👦', '<b>&amp;"\'</b>', '<img src=x onerror=alert(1)>', 'a:b'];
    await say(first, said[0] as string);
    await eventually(async () => expect(await texts(second, '.what')).toEqual(['你好']));
    for (const text of said.slice(1)) await say(second, text);
    await say(other, '悄悄话');
    for (const page of [first, second]) {
      await eventually(async () => expect(await texts(page, '.what')).toEqual(said));
      expect(await page.locator('.what *').count()).toBe(0);
    }
    expect(await texts(first, '.here .what')).toEqual(['你好']);
    expect(await texts(second, '.here .what')).toEqual(said.slice(1));
    await eventually(async () => expect(await texts(other, '.what')).toEqual(['悄悄话']));
  });

  it('[EX-U1] shows how many are online, whoever they are', async () => {
    const first = await pageOf(visit, '小明');
    await online(first, 1);
    const second = await pageOf(visit, '雲/a:b%');
    await online(second, 2);
    await online(first, 2); // which nobody tells it: it asks every few seconds
    await second.close();
    await online(first, 1);
    await first.click('#toggle');
    await eventually(async () => expect(await first.textContent('#count')).toBe('–'));
  });

  it('[EX-U1] becomes somebody else when asked, and stays who it is when reloaded', async () => {
    const page = await visit.open('/users/page.html');
    const uid = await page.inputValue('#uid');
    expect(uid).not.toBe('');
    await say(page, 'as before');
    await eventually(async () => expect(await texts(page, '.what')).toEqual(['as before']));
    await page.fill('#uid', '雲/a:b% 🌙');
    await page.press('#uid', 'Enter');
    await eventually(async () => expect(await texts(page, '.what')).toEqual([]));
    await page.waitForSelector('#state[data-state=open]');
    await page.reload();
    await page.waitForSelector('#state[data-state=open]');
    expect(await page.inputValue('#uid')).toBe('雲/a:b% 🌙');
    const peer = await visit.dial(`/WebSocketTest/websocket/${encodeURIComponent('雲/a:b% 🌙')}`);
    await say(page, 'now: 喵');
    expect(await peer.next()).toBe('雲/a:b% 🌙:now: 喵');
    await eventually(async () => expect(await texts(page, '.here .what')).toEqual(['now: 喵']));
    await peer.close();
    await page.fill('#uid', '..'); // a URL would take it for the folder above
    await page.press('#uid', 'Enter');
    expect(await page.evaluate('uid')).toBe('雲/a:b% 🌙');
  });

  it('[EX-U1] opens another window of the same user, and one of somebody else', async () => {
    const page = await pageOf(visit, '小明');
    const [same] = await Promise.all([visit.context.waitForEvent('page'), page.click('#same')]);
    await same.waitForSelector('#state[data-state=open]');
    expect(await same.inputValue('#uid')).toBe('小明');
    const [other] = await Promise.all([visit.context.waitForEvent('page'), page.click('text=Somebody else')]);
    await other.waitForSelector('#state[data-state=open]');
    expect(['', '小明']).not.toContain(await other.inputValue('#uid'));
    await online(other, 3);
  });

  it('[EX-0] keeps a hundred lines', async () => {
    const page = await pageOf(visit, '多言');
    const peer = await visit.dial(`/WebSocketTest/websocket/${encodeURIComponent('多言')}`);
    for (let i = 0; i < 130; i++) peer.send(String(i));
    await peer.take(130);
    await eventually(async () => expect((await texts(page, '.what')).at(-1)).toBe('129'));
    expect(await page.locator('#log li').count()).toBe(100);
    await peer.close();
  });

  it('[EX-0] keeps what is written while the server is away', async () => {
    const page = await pageOf(visit, '等');
    await page.fill('#words', '留着');
    await visit.stopServer();
    await page.waitForSelector('#state[data-state=lost]');
    expect(await page.isDisabled('#send')).toBe(true);
    await page.press('#words', 'Enter');
    await visit.startServer();
    await page.waitForSelector('#state[data-state=open]');
    expect(await page.inputValue('#words')).toBe('留着');
    await page.press('#words', 'Enter');
    await eventually(async () => expect(await texts(page, '.here .what')).toEqual(['留着']));
  });

  it('looks like something one would show', async () => {
    const page = await pageOf(visit, '小花🐾');
    const phone = await pageOf(visit, '小花🐾');
    const others = [await pageOf(visit, 'Otto'), await pageOf(visit, 'Mila')];
    await say(phone, '记得买牛奶 🥛');
    await say(page, 'Milk, yes. And bread?');
    await say(phone, 'Bread too. I wrote this on my phone, and read it on the desk.');
    await eventually(async () => expect(await page.locator('.what').count()).toBe(3));
    await online(page, 2 + others.length);
    await visit.picture(page, 'users');
  });
});
