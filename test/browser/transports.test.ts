/** The page of the transports in a real browser. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually, sleep } from '../support/eventually.js';
import { CHROMIUM, texts, visiting } from './visit.js';

const PAGE = '/transports/page.html';
const WAYS = ['polling', 'long-polling', 'streaming', 'websocket'];

/** So many messages that nothing takes long. */
async function hurry(page: Page, text = 'hello, 豹猫 🐾'): Promise<void> {
  await page.selectOption('#every', '200');
  await page.selectOption('#rate', '20');
  await page.fill('#words', text);
  await page.press('#words', 'Enter');
}

/** The ids of the messages that the cards show. */
const shown = async (page: Page): Promise<number[]> => (await texts(page, '.way .text')).map((line) => Number.parseInt(line, 10));

visiting('the page of the transports', CHROMIUM, (visit) => {
  it('[EX-0] hears the same by all four, in two windows; what looks like HTML stays text', async () => {
    const [first, second] = [await visit.open(PAGE), await visit.open(PAGE)];
    const text = '豹猫 🐾 <img src=x onerror=alert(1)> &amp;';
    await hurry(first, text);
    for (const page of [first, second]) {
      await eventually(async () => {
        for (const line of await texts(page, '.way .text')) expect(line).toMatch(/^\d+ · 豹猫 🐾 <img src=x onerror=alert\(1\)> &amp;$/);
      });
      expect(await page.locator('.way .text *').count()).toBe(0);
    }
    expect(await second.inputValue('#words')).toBe(text);
    expect(await second.inputValue('#rate')).toBe('20');
    await eventually(async () => expect(await texts(second, '#pages')).toEqual(['2 pages open']));
    await eventually(async () => {
      const figures = await texts(second, '.way dd');
      expect(figures.filter((figure) => figure === '–')).toEqual([]);
      expect(await texts(second, '.way [data-figure=clients]')).toEqual(['2', '2', '2', '2']);
    });
    const bytes = (await texts(second, '.way [data-figure=each]')).map((figure) => Number(figure.replace(',', '')));
    expect(bytes[3]).toBeLessThan(bytes[1] as number);
    await first.evaluate('stopClients()');
    const stopped = await shown(first);
    await eventually(async () => expect(Math.min(...(await shown(second)))).toBeGreaterThan(Math.max(...stopped) + 10));
    expect(await shown(first)).toEqual(stopped);
  });

  it('loses no message when it is disconnected and connected again', async () => {
    const page = await visit.open(PAGE);
    await hurry(page);
    await eventually(async () => expect(await shown(page)).not.toContain(Number.NaN));
    const goesOn = async () => {
      const before = Math.max(...(await shown(page)));
      await eventually(async () => expect(Math.min(...(await shown(page)))).toBeGreaterThan(before + 10));
    };
    await page.evaluate(`
      window.ids = {};
      const original = got;
      got = (transport, message) => { (ids[transport] ??= []).push(message.id); original(transport, message); }`); // of the next clients
    for (let times = 0; times < 3; times++) {
      await page.click('#toggle');
      await page.waitForSelector('#state[data-state=closed]');
      expect(await page.isDisabled('#sweep')).toBe(true);
      await sleep(300); // six messages are made meanwhile
      await page.click('#toggle');
      await page.waitForSelector('#state[data-state=open]');
      await goesOn();
    }
    const ids = (await page.evaluate('ids')) as Record<string, number[]>;
    for (const way of WAYS) {
      const own = ids[way] as number[];
      expect([way, own]).toEqual([way, own.map((_, i) => (own[0] as number) + i)]);
    }
  });

  it('measures when it is told to, and draws a line for each transport, beside a table that says the same', async () => {
    const [page, other] = [await visit.open(PAGE), await visit.open(PAGE)];
    expect(await page.textContent('#said')).toMatch(/^Nobody has measured yet/);
    await hurry(page);
    await page.selectOption('#up-to', '10');
    await page.selectOption('#seconds', '1');
    await page.click('#sweep');
    await page.waitForSelector('#progress:not([hidden])');
    expect(await page.textContent('#sweep')).toBe('Stop');
    await page.waitForSelector('#said:text("Measured: 8 points")', { timeout: 60_000 });
    for (const window of [page, other]) {
      for (const way of WAYS) {
        expect(await window.locator(`#chart g.${way}:not([transform]) path.line`).count()).toBe(1);
        expect(await window.locator(`#chart g.${way}:not([transform]) path.mark`).count()).toBe(2);
      }
      expect(await texts(window, '#rows th')).toEqual(
        [...WAYS, ...WAYS].map((way) => expect.stringMatching(new RegExp(way.replace('-', ' '), 'i'))),
      );
      expect(await texts(window, '#rows td:first-child')).toEqual(['1', '1', '1', '1', '10', '10', '10', '10']);
      expect(await texts(window, '#rows td:last-child')).toEqual(Array(8).fill('0'));
    }
    const told = String(await page.textContent('#chart desc'));
    const first = (await page.locator('#rows tr').first().locator('td').allTextContents())[1];
    expect(told).toContain(`Polling with 1: ${first};`);
    for (const metric of ['each', 'delay', 'requests', 'rate']) await page.check(`[name=metric][value=${metric}]`);
    await page.check('[name=plot][value=delay]');
    await page.check('[name=plot][value=bytes]');
    await visit.picture(page, 'transports');
    await page.evaluate(`document.getElementById('sweep-title').scrollIntoView()`);
    await visit.picture(page, 'transports-sweep');
  }, 90_000);

  it('stops measuring when it is told to', async () => {
    const page = await visit.open(PAGE);
    await page.selectOption('#seconds', '20');
    await page.click('#sweep');
    await page.waitForSelector('#sweep:text("Stop")');
    await page.click('#sweep');
    await page.waitForSelector('#said:text("Stopped: 0 points")');
  });

  it('shows what its own clients have had on the wire, secrets masked', async () => {
    await visit.context.addCookies([{ name: 'id', value: 'secret', url: visit.examples.url }]);
    const page = await visit.open(PAGE);
    await hurry(page, 'look: 喵');
    const shows: [string, RegExp, RegExp, RegExp][] = [
      [
        'websocket',
        /^GET \/transports\/socket\?.*\r?\nSec-WebSocket-Key: /s,
        /^HTTP\/1\.1 101 Switching Protocols/,
        /^81 [0-9a-f]{2}\n\{"id".*喵/,
      ],
      ['streaming', /^GET \/transports\/events\?/, /content-type: text\/event-stream/i, /data: \{"id".*喵/s],
      ['long-polling', /^GET \/transports\/long-poll\?/, /^HTTP\/1\.1 200 OK/, /^\{"last":.*喵/],
      ['polling', /^GET \/transports\/poll\?/, /^HTTP\/1\.1 200 OK/, /^\{"last":.*喵/],
    ];
    for (const [way, request, answer, last] of shows) {
      await page.check(`[name=wire][value=${way}]`);
      await eventually(async () => {
        expect(await page.textContent('#request')).toMatch(request);
        expect(await page.textContent('#answer')).toMatch(answer);
        expect(await page.textContent('#last')).toMatch(last);
      });
      expect(await page.textContent('#request')).toMatch(/cookie: \(masked, 9 bytes\)/i);
    }
  });

  it('a third window waits for the connections that its browser has not got, and gets them when one is closed', async () => {
    const [first, second, third] = [await visit.open(PAGE), await visit.open(PAGE), await visit.open(PAGE)];
    await third.waitForSelector('.streaming .waits');
    expect(await texts(third, '.waits')).toEqual(Array(2).fill(expect.stringMatching(/^Two other windows hold four of the six/)));
    await hurry(third);
    await eventually(async () =>
      expect((await texts(third, '.polling .text, .websocket .text')).every((line) => line.includes('豹猫'))).toBe(true),
    );
    expect(await second.locator('.waits').count()).toBe(0);
    await first.close();
    await eventually(async () => expect((await texts(third, '.way .text')).every((line) => line.includes('豹猫'))).toBe(true));
  });
});
