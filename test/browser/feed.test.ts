/** The feed in a real browser: an author, somebody who follows, and somebody who does not. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { CHROMIUM, texts, type Visit, visiting } from './visit.js';

const open = (visit: Visit, uid: string) => visit.open(`/feed/page.html#${encodeURIComponent(uid)}`);

const post = async (page: Page, text: string) => {
  await page.fill('#words', text);
  await page.press('#words', 'Enter');
};

const button = (page: Page, uid: string) => page.locator(`.author[data-uid="${uid}"] button`);

/** The newest first. */
const reads = (page: Page, ...words: string[]) =>
  eventually(async () => expect(await texts(page, '.post:not(.pending) .words')).toEqual(words));

visiting('the feed page', CHROMIUM, (visit) => {
  it('[EX-F1] shows posts to followers only, in all of their windows, once each, and text stays text', async () => {
    const [author, other] = [await open(visit, '作者 🐾'), await open(visit, '别人')];
    const [first, second] = [await open(visit, '读者'), await open(visit, '读者')];
    await button(first, '作者 🐾').click();
    for (const page of [first, second]) await eventually(async () => expect(await button(page, '作者 🐾').textContent()).toBe('Unfollow'));
    const posts = ['hello', '你好，世界', '<b>&amp;"\'</b>', '<img src=x onerror=alert(1)>'];
    for (const text of posts) await post(author, text);
    for (const page of [author, first, second]) {
      await reads(page, ...posts.toReversed());
      expect(await page.locator('.words *').count()).toBe(0);
    }
    expect((await texts(author, '.reached'))[0]).toBe('reached 1 follower');
    await post(other, '没有人读');
    await reads(other, '没有人读');
    expect(await texts(first, '.words')).not.toContain('没有人读');
  });

  it('[EX-F1] shows a new follower the last ten, and stops at once', async () => {
    const [author, reader] = [await open(visit, '勤奋'), await open(visit, '新读者')];
    for (let i = 1; i <= 12; i++) await post(author, `第${i}条`);
    await eventually(async () => expect(await texts(author, '.post:not(.pending)')).toHaveLength(12));
    await button(reader, '勤奋').click();
    await reads(reader, ...Array.from({ length: 10 }, (_, i) => `第${12 - i}条`));
    await button(reader, '勤奋').click();
    await reads(reader);
    await post(author, '你看不到');
    await eventually(async () => expect((await texts(author, '.reached'))[0]).toBe('reached 0 followers'));
    await button(reader, '勤奋').click();
    await eventually(async () => expect((await texts(reader, '.words'))[0]).toBe('你看不到'));
    expect(await texts(reader, '.words')).toHaveLength(10);
  });

  it('[EX-F1] lists those who are here and those who have posted, and remembers whom one follows', async () => {
    const author = await open(visit, '已离开');
    const quiet = await open(visit, '沉默');
    const reader = await open(visit, '记得');
    await post(author, '再见 🌙');
    await reads(author, '再见 🌙');
    await button(reader, '已离开').click();
    await reads(reader, '再见 🌙');
    await author.close();
    await quiet.close();
    await eventually(async () => expect(await texts(reader, '.author .about')).toContain('away · 1 follower'));
    await eventually(async () => expect(await texts(reader, '.author .name')).not.toContain('沉默'));
    await reader.reload();
    await reader.waitForSelector('#state[data-state=open]');
    await reads(reader, '再见 🌙');
    expect(await button(reader, '已离开').textContent()).toBe('Unfollow');
  });

  it('[EX-F1] keeps what cannot be sent, and sends it when it can', async () => {
    const page = await open(visit, '断线的人');
    await page.click('#toggle');
    await page.waitForSelector('#state[data-state=closed]');
    await post(page, '还没发');
    expect([await page.inputValue('#words'), await page.isDisabled('#send')]).toEqual(['还没发', true]);
    await page.click('#toggle');
    await page.waitForSelector('#state[data-state=open]');
    await page.press('#words', 'Enter');
    await reads(page, '还没发');
    expect(await page.textContent('#count')).toBe('280 left');
  });

  it('[EX-0] keeps fifty posts', async () => {
    const page = await open(visit, '收藏家');
    const peer = await visit.dial(`/feed/${encodeURIComponent('话多')}`);
    await button(page, '话多').click();
    await eventually(async () => expect(await button(page, '话多').textContent()).toBe('Unfollow'));
    for (let i = 0; i < 70; i++) peer.send(JSON.stringify({ kind: 'post', text: String(i), ref: String(i) }));
    await eventually(async () => expect((await texts(page, '.words'))[0]).toBe('69'));
    expect(await page.locator('#timeline > li').count()).toBe(50);
    await peer.close();
  });

  it('is something to look at', async () => {
    const page = await open(visit, '小明 🐾');
    const peers = await Promise.all(['Mila 🌿', '雲', 'Nika'].map((uid) => visit.dial(`/feed/${encodeURIComponent(uid)}`)));
    const write = (i: number, text: string) => peers[i]?.send(JSON.stringify({ kind: 'post', text, ref: text.slice(0, 9) }));
    await button(page, 'Mila 🌿').click();
    await button(page, 'Nika').click();
    await eventually(async () => expect(await button(page, 'Nika').textContent()).toBe('Unfollow'));
    write(0, 'The margay is the only cat that climbs down a tree head first.');
    write(2, 'Two eyes like lamps, last night by the bridge. 两盏灯。');
    await eventually(async () => expect(await texts(page, '.post')).toHaveLength(2));
    await post(page, '今晚九点，桥边见。Bring your binoculars! 🌙');
    await eventually(async () => expect(await texts(page, '.post:not(.pending)')).toHaveLength(3));
    write(0, 'And it can hang from a branch by one hind foot 🐾');
    await eventually(async () => expect(await texts(page, '.post:not(.pending)')).toHaveLength(4));
    await visit.picture(page, 'feed');
    for (const peer of peers) await peer.close();
  });
});
