/** The notifications in a real browser. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { CHROMIUM, texts, visiting } from './visit.js';

const PAGE = '/push/page.html';
const PATH = '/testwebSocket/mywebsocket';

const push = async (page: Page, title: string, content: string) => {
  await page.fill('#title', title);
  await page.fill('#content', content);
  await page.click('#push');
};

visiting('the push page', CHROMIUM, (visit) => {
  it('[EX-P1] pops up on every page what one of them pushes, in Chinese, with emoji, and with what looks like HTML', async () => {
    const first = await visit.open(PAGE);
    const second = await visit.open(PAGE);
    await push(first, '晚饭好了 🍜', '快来吃，凉了就不好吃了。');
    await eventually(async () => expect(await texts(second, '#stack b')).toEqual(['晚饭好了 🍜']));
    await push(second, '<img src=x onerror=alert(1)>', '<b>&amp;"\'</b>\nsecond line');
    for (const page of [first, second]) {
      await eventually(async () => expect(await texts(page, '#stack b')).toEqual(['<img src=x onerror=alert(1)>', '晚饭好了 🍜']));
      expect(await texts(page, '#stack p')).toEqual(['<b>&amp;"\'</b>\nsecond line', '快来吃，凉了就不好吃了。']);
      expect(await page.locator('#stack img, #stack p *, #stack b *').count()).toBe(0);
    }
    const written = [first, second].map((page) => page.inputValue('#title'));
    expect(await Promise.all(written)).toEqual(['', '']);
  });

  it('[EX-P1] splits at the first #, and takes a text without one for a title', async () => {
    const page = await visit.open(PAGE);
    const peer = await visit.dial(PATH);
    for (const text of ['a#b#c', 'only a title', '#only content', '']) {
      peer.send(text);
      expect(await peer.next()).toBe(text);
    }
    await eventually(async () => expect(await texts(page, '#stack b')).toEqual(['(no title)', '(no title)', 'only a title', 'a']));
    expect(await texts(page, '#stack p')).toEqual(['only content', 'b#c']);
    await push(page, 'without', '');
    expect(await peer.next()).toBe('without');
    await push(page, 'one', 'two#three');
    expect(await peer.next()).toBe('one#two#three');
    await push(page, 'a # in it', 'would end the title');
    expect(await page.inputValue('#title')).toBe('a # in it');
    await push(page, 'last', '');
    expect(await peer.next()).toBe('last');
    await peer.close();
  });

  it('[EX-P1] is pushed by the keyboard, and dismissed by it', async () => {
    const page = await visit.open(PAGE);
    await page.fill('#content', '');
    await page.fill('#title', '一');
    await page.press('#title', 'Enter');
    await eventually(async () => expect(await texts(page, '#stack b')).toEqual(['一']));
    expect(await page.evaluate('document.activeElement.id')).toBe('title');
    await page.keyboard.type('二');
    await page.keyboard.press('Tab');
    await page.keyboard.type('第二');
    await page.keyboard.press('Control+Enter');
    await eventually(async () => expect(await texts(page, '#stack b')).toEqual(['二', '一']));
    await page.focus('#stack li:first-child button');
    await page.keyboard.press('Enter');
    expect(await texts(page, '#stack b')).toEqual(['一']);
    await page.keyboard.press('Enter'); // the focus has gone on to the next
    expect(await texts(page, '#stack b')).toEqual([]);
    expect(await page.isDisabled('#clear')).toBe(true);
  });

  it('[EX-0] keeps 25 notifications', async () => {
    const page = await visit.open(PAGE);
    const peer = await visit.dial(PATH);
    for (let i = 0; i < 40; i++) peer.send(`${i}#🐾`);
    await peer.take(40);
    await eventually(async () => expect((await texts(page, '#stack b'))[0]).toBe('39'));
    expect(await page.locator('#stack li').count()).toBe(25);
    await page.click('#clear');
    expect(await page.locator('#stack li').count()).toBe(0);
    await peer.close();
  });

  it('[EX-0] keeps what is written while the server is away', async () => {
    const page = await visit.open(PAGE);
    await page.fill('#title', '留着');
    await visit.stopServer();
    await page.waitForSelector('#state[data-state=lost]');
    expect(await page.isDisabled('#push')).toBe(true);
    await page.press('#title', 'Enter');
    await visit.startServer();
    await page.waitForSelector('#state[data-state=open]');
    expect(await page.inputValue('#title')).toBe('留着');
    await page.click('#push');
    await eventually(async () => expect(await texts(page, '#stack b')).toEqual(['留着']));
  });

  it('[EX-P1] tells the desktop too, when it is asked to and nobody looks', async () => {
    const page = await visit.look('/');
    await page.addInitScript(`
      window.told = [];
      window.Notification = class {
        static permission = 'default';
        static requestPermission = async () => 'granted';
        constructor(title, { body }) { told.push([title, body]); }
      };
      Object.defineProperty(document, 'hidden', { get: () => window.isHidden === true });`);
    await page.goto(visit.examples.url + PAGE);
    await page.waitForSelector('#state[data-state=open]');
    const peer = await visit.dial(PATH);
    const arrives = async (text: string) => {
      peer.send(text);
      await eventually(async () => expect((await texts(page, '#stack b'))[0]).toBe(text.split('#')[0]));
    };
    await page.evaluate('window.isHidden = true');
    await arrives('not asked#一');
    await page.click('#desktop');
    await page.waitForSelector('#desktop[aria-pressed=true]');
    await arrives('asked 🐾#二');
    await page.evaluate('window.isHidden = false');
    await arrives('seen#三');
    await page.evaluate('window.isHidden = true');
    await page.click('#desktop');
    await page.waitForSelector('#desktop[aria-pressed=false]');
    await arrives('not any more#四');
    expect(await page.evaluate('told')).toEqual([['asked 🐾', '二']]);
    await peer.close();
  });

  it('looks like something one would show', async () => {
    const page = await visit.open(PAGE);
    const peer = await visit.dial(PATH);
    for (const text of [
      'Build 4711 is green#All 2,048 tests passed in 3 min 12 s.',
      '晚饭好了 🍜#快来吃，凉了就不好吃了。',
      'Standup in five minutes',
    ]) {
      peer.send(text);
    }
    await eventually(async () => expect(await page.locator('#stack li').count()).toBe(3));
    await push(page, 'A margay was seen 🐾', 'In the big tree, ten minutes ago. 请保持安静。');
    await eventually(async () => expect(await page.locator('#stack li').count()).toBe(4));
    await page.fill('#title', 'Lights out at ten 🌙');
    await page.fill('#content', 'Whoever leaves last, please.');
    await visit.picture(page, 'push');
    await peer.close();
  });
});
