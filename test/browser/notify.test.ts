/** Notices in a real browser: the pages that wait, and the administrator's form, with JavaScript and without. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { CHROMIUM, texts, type Visit, visiting } from './visit.js';

const PAGE = '/notify/page.html';
const ADMIN = '/notify/admin.html';

/** As a Java program would. */
const push = async ({ examples }: Visit, message: string, context = '/test'): Promise<void> => {
  const response = await fetch(`${examples.url}${context}/PushMessageServlet`, { method: 'POST', body: new URLSearchParams({ message }) });
  expect(await response.text()).toBe('Send success!\n');
};

const isShown = (page: Page): Promise<boolean> => page.isVisible('#notice');
const shows = (page: Page, text: string) =>
  eventually(async () => expect([await isShown(page), await page.textContent('#notice p')]).toEqual([true, text]));
const isGone = (page: Page) => eventually(async () => expect(await isShown(page)).toBe(false));

/** A page whose clock goes when it is told to. */
async function timeless(visit: Visit): Promise<Page> {
  const page = await visit.look('/');
  await page.emulateMedia({ reducedMotion: 'reduce' }); // what has gone is not seen sliding out
  await page.clock.install();
  await page.goto(visit.examples.url + PAGE);
  await page.waitForSelector('#state[data-state=open]');
  await page.clock.pauseAt(Date.now() + 3_600_000);
  return page;
}

visiting('the notify pages', CHROMIUM, (visit) => {
  it("[EX-N2] [EX-N1] slides into every open page what the administrator's form says", async () => {
    const pages = [await visit.open(PAGE), await visit.open(PAGE)];
    const admin = await visit.look(ADMIN);
    for (const text of ['茶好了 🍵', '<img src=x onerror=alert(1)> &amp;']) {
      await admin.fill('#message', text);
      await admin.press('#message', 'Control+Enter');
      for (const page of pages) await shows(page, text);
      await eventually(async () => expect(await admin.inputValue('#message')).toBe(''));
    }
    for (const page of pages) {
      expect(await texts(page, '#log .what')).toEqual(['茶好了 🍵', '<img src=x onerror=alert(1)> &amp;']);
      expect(await page.locator('#notice img, #notice p *, #log .what *').count()).toBe(0);
    }
    expect(await texts(admin, '#log .what')).toEqual(['茶好了 🍵', '<img src=x onerror=alert(1)> &amp;']);
    expect(await texts(admin, '#log .answer')).toEqual(['Send success!', 'Send success!']);
    expect(await admin.locator('#log img').count()).toBe(0);
  });

  it('[EX-N2] shows a notice for five seconds; a further one takes its place and has five of its own', async () => {
    const page = await timeless(visit);
    expect(await isShown(page)).toBe(false);
    await push(visit, '一');
    await shows(page, '一');
    await page.clock.runFor(4900);
    expect(await isShown(page)).toBe(true);
    await push(visit, '二');
    await shows(page, '二');
    await page.clock.runFor(4900);
    await shows(page, '二');
    await page.clock.runFor(200);
    await isGone(page);
    await push(visit, '三');
    await shows(page, '三');
    await page.clock.runFor(5000);
    await isGone(page);
  });

  it('[EX-N2] slides in at the bottom right, unless motion is not wanted', async () => {
    const page = await visit.open(PAGE);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const moves = `(() => { const style = getComputedStyle(document.getElementById('notice')); return style.transitionProperty.includes('transform') && style.transitionDuration; })()`;
    expect(await page.evaluate(moves)).toBeFalsy();
    await push(visit, '静');
    await shows(page, '静');
    const left = (await page.evaluate(
      `(({ right, bottom, left, top }) => [innerWidth - right, innerHeight - bottom, left > innerWidth / 2, top > innerHeight / 2])(document.getElementById('notice').getBoundingClientRect())`,
    )) as unknown[];
    expect(left).toEqual([24, 24, true, true]);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await page.evaluate(moves)).toMatch(/0\.4s/);
  });

  it('[EX-N2] says how it is with the socket in the words of old', async () => {
    const page = await visit.context.newPage();
    const admit: (() => void)[] = [];
    await page.routeWebSocket(/./, async (socket) => {
      await new Promise<void>((resolve) => void admit.push(resolve));
      socket.connectToServer();
    });
    await page.addInitScript(`
      window.said = [];
      addEventListener('DOMContentLoaded', () => new MutationObserver(() => said.push(document.getElementById('says').textContent))
        .observe(document.getElementById('says'), { childList: true }));`);
    await page.goto(visit.examples.url + PAGE);
    await eventually(() => expect(admit).toHaveLength(1));
    expect(await page.textContent('#says')).toBe('Try to connect');
    admit[0]?.();
    await eventually(async () => expect(await page.textContent('#says')).toBe('opened, waiting'));
    await page.click('#toggle');
    await eventually(async () => expect(await page.textContent('#says')).toBe('closed'));
    await page.click('#toggle');
    await eventually(() => expect(admit).toHaveLength(2));
    expect(await page.textContent('#says')).toBe('Try to connect');
    admit[1]?.();
    await eventually(async () => expect(await page.textContent('#says')).toBe('opened, waiting'));
  });

  it('[EX-N3] [EX-N2] is the same with the servlets of Tomcat 7, behind #tc7', async () => {
    const old = await visit.open(`${PAGE}#tc7`);
    const page = await visit.open(PAGE);
    await push(visit, '新', '/test');
    await push(visit, '旧 🐾', '/tc7/test');
    await shows(page, '新');
    await shows(old, '旧 🐾');

    const [admin] = await Promise.all([visit.context.waitForEvent('page'), old.click('.hint .admin')]);
    await admin.fill('#message', '<b>来自老服务器</b>');
    await admin.press('#message', 'Control+Enter');
    await eventually(async () => expect(await texts(admin, '#log .answer')).toEqual(['Send success!']));
    await shows(old, '<b>来自老服务器</b>');

    await page.click('text=Tomcat 7 servlet');
    await page.waitForSelector('.kinds a[href="#tc7"][aria-current]');
    await page.waitForSelector('#state[data-state=open]');
    await push(visit, '都在', '/tc7/test');
    await shows(page, '都在');
    await shows(old, '都在');
    expect(await texts(page, '#log .what')).toEqual(['新', '都在']);
    expect(await texts(old, '#log .what')).toEqual(['旧 🐾', '<b>来自老服务器</b>', '都在']);
  });

  it('[EX-0] keeps fifty notices', async () => {
    const page = await visit.open(PAGE);
    for (let i = 0; i < 60; i++) await push(visit, `第${i}条`);
    await eventually(async () => expect((await texts(page, '#log .what')).at(-1)).toBe('第59条'));
    expect(await page.locator('#log li').count()).toBe(50);
  });

  it("[EX-N1] the administrator's form works without JavaScript", async () => {
    const page = await visit.open(PAGE);
    const context = await visit.browser.newContext({ javaScriptEnabled: false });
    try {
      const admin = await context.newPage();
      for (const [message, answer] of [
        ['没有脚本 🐾', 'Send success!'],
        ['', 'The message is empty!'],
      ] as const) {
        await admin.goto(visit.examples.url + ADMIN);
        await admin.fill('#message', message);
        await admin.click('#send');
        await eventually(async () => expect((await admin.textContent('body'))?.trim()).toBe(answer));
      }
      await shows(page, '没有脚本 🐾');
      expect(await texts(page, '#log .what')).toEqual(['没有脚本 🐾']);
    } finally {
      await context.close();
    }
  });

  it('[EX-N1] the administrator is told what was not sent, and keeps it', async () => {
    const admin = await visit.look(ADMIN);
    await admin.fill('#message', '');
    await admin.click('#send');
    await eventually(async () => expect(await texts(admin, '.failed .answer')).toEqual(['The message is empty!']));
    await visit.stopServer();
    await admin.fill('#message', '留着');
    await admin.click('#send');
    await eventually(async () => expect((await texts(admin, '.failed .answer')).at(-1)).toMatch(/^The server does not answer/));
    expect(await admin.inputValue('#message')).toBe('留着');
    await visit.startServer();
    await admin.click('#send');
    await eventually(async () => expect((await texts(admin, '.answer')).at(-1)).toBe('Send success!'));
    expect(await texts(admin, '#log .what')).toEqual(['(empty)', '留着', '留着']);
  });

  it('looks like something one would show', async () => {
    const page = await timeless(visit);
    for (const text of ['The library closes at eight tonight.', '明天停水，请提前储水 💧', 'Tea is ready in the kitchen. 茶好了 🍵'])
      await push(visit, text);
    await shows(page, 'Tea is ready in the kitchen. 茶好了 🍵');
    await visit.picture(page, 'notify');
    const admin = await visit.look(ADMIN);
    for (const text of ['The library closes at eight tonight.', '明天停水，请提前储水 💧']) {
      await admin.fill('#message', text);
      await admin.click('#send');
      await eventually(async () => expect((await texts(admin, '.answer')).at(-1)).toBe('Send success!'));
    }
    await admin.fill('#message', 'Tea is ready in the kitchen. 茶好了 🍵');
    await visit.picture(admin, 'notify-admin');
  });
});
