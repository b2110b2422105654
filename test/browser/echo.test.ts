/** The echo page in a real browser. */
import { expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { EVERY_BROWSER, texts, visiting } from './visit.js';

/** The page, once for each endpoint. */
const PAGES = [
  '',
  '#echoAnnotation',
  '#echoProgrammatic',
  '#echoStreamAnnotation',
  '#echoAsyncAnnotation',
  '#tc7/echoMessage',
  '#tc7/echoStream',
].map((which) => `/echo/page.html${which}`);

visiting('the echo page', EVERY_BROWSER, (visit) => {
  it.each(PAGES)('[EX-E5] %s sends the text and shows what came back', async (path) => {
    const page = await visit.open(path);
    const sent = ['hello', '你好，世界', '🐾 <b>not bold</b>', '<img src=x onerror=alert(1)>'];
    for (const text of sent) {
      await page.fill('#message', text);
      await page.click('#send');
    }
    await eventually(async () => expect(await texts(page, '.back .what')).toEqual(sent));
    expect(await page.locator('.what *').count()).toBe(0);
    for (const how of await texts(page, '.back .how')) expect(how).toMatch(/^text · \d+ B · [\d.]+ ms · identical$/);
  });

  it.each(PAGES)('[EX-E5] %s sends bytes and files', async (path) => {
    const page = await visit.open(path);
    await page.fill('#message', '字节 🐾');
    await page.click('#bytes');
    const buffer = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i & 255));
    await page.setInputFiles('#file', { name: '长尾虎猫.bin', mimeType: 'application/octet-stream', buffer });
    await eventually(async () =>
      expect(await texts(page, '.back .how')).toEqual([
        expect.stringMatching(/^binary · 11 B · [\d.]+ ms · identical$/),
        expect.stringMatching(/^binary · 195.3 KiB · [\d.]+ ms · identical$/),
      ]),
    );
    expect((await texts(page, '.back .what'))[0]).toBe('字节 🐾');
    expect((await texts(page, '.note .what')).at(-1)).toBe('the file 长尾虎猫.bin:');
  });

  it('[EX-E5] shows code and phrase of a close, and reconnects when asked', async () => {
    const page = await visit.open('/echo/page.html');
    await page.evaluate(`echo.send('x'.repeat(1024 * 1024 + 1))`);
    await page.waitForSelector('#state[data-state=lost]');
    expect(await page.textContent('#state')).toMatch(/^closed: 1009 too big/);
    expect(await page.textContent('#toggle')).toBe('Reconnect'); // it would be the same again, so it is not tried again
    for (const id of ['#send', '#bytes', '#pick']) expect(await page.isDisabled(id)).toBe(true);
    visit.errorLines = []; // a message that is too big is an error, and Echo says so
    await page.click('#toggle');
    await page.waitForSelector('#state[data-state=open]');
    await page.click('#send');
    await eventually(async () => expect(await page.locator('.back').count()).toBe(1));
  });

  it('[EX-E5] goes to the path that is chosen', async () => {
    const page = await visit.open('/echo/page.html');
    await page.check('[value$=echoAnnotation]');
    await eventually(async () =>
      expect(await texts(page, '.note .what')).toEqual(['connected to /echo', 'connected to /examples/websocket/echoAnnotation']),
    );
    expect(new URL(page.url()).hash).toBe('#echoAnnotation');
    await page.click('#send');
    await eventually(async () => expect(await page.locator('.back').count()).toBe(1));
    await page.evaluate(`location.hash = 'echoAsyncAnnotation'`);
    await eventually(async () =>
      expect((await texts(page, '.note .what')).at(-1)).toBe('connected to /examples/websocket/echoAsyncAnnotation'),
    );
    expect(await page.isChecked('[value$=echoAsyncAnnotation]')).toBe(true);
  });

  it('[EX-E4] [EX-E5] says that an empty message has no answer from tc7 echoStream', async () => {
    const page = await visit.open('/echo/page.html#tc7/echoStream');
    await page.fill('#message', '');
    await page.click('#send');
    await page.click('#bytes');
    await page.fill('#message', '喵');
    await page.click('#send');
    await eventually(async () => expect(await texts(page, '.back .what')).toEqual(['喵']));
    expect((await texts(page, '.note .what')).slice(1)).toEqual(Array(2).fill('an empty message has no answer here'));
    expect(await texts(page, '.back .how b')).toEqual(['identical']);
  });

  it('[EX-E5] says what has not come back when the server goes, and goes on when it is there again', async () => {
    const page = await visit.open('/echo/page.html');
    await page.click('#send');
    await eventually(async () => expect(await page.locator('.back').count()).toBe(1));
    await page.evaluate('sent.push({ data: "", at: 0 })'); // as if one were under way
    await visit.stopServer();
    await page.waitForSelector('#state[data-state=lost]');
    await eventually(async () => expect((await texts(page, '.note .what')).at(-1)).toMatch(/^closed: 1001 .*; 1 has not come back$/));
    for (const id of ['#send', '#bytes', '#pick']) expect(await page.isDisabled(id)).toBe(true);
    await page.evaluate('send("too late")');
    expect((await texts(page, '.note .what')).at(-1)).toBe('not sent: there is no connection');
    await visit.startServer();
    await page.waitForSelector('#state[data-state=open]');
    await page.click('#send');
    await eventually(async () => expect(await page.locator('.back').count()).toBe(2));
  });

  it('[EX-E5] looks like this', async () => {
    const page = await visit.open('/echo/page.html#tc7/echoMessage');
    const said = ['Hello, margay! 你好，世界 🐾', '一只长尾虎猫在树上 🌿', '{ "cat": "margay", "tail": "long" }'];
    for (const text of said) {
      await page.fill('#message', text);
      await page.click('#send');
    }
    await page.setInputFiles('#file', {
      name: '长尾虎猫.bin',
      mimeType: 'application/octet-stream',
      buffer: Buffer.alloc(70_000, Buffer.from([0, 86, 254, 7])),
    });
    await page.click('#bytes');
    await eventually(async () => expect(await page.locator('.back').count()).toBe(5));
    await visit.picture(page, 'echo');
  });

  it('[EX-0] keeps a hundred lines', async () => {
    const page = await visit.open('/echo/page.html');
    for (let i = 0; i < 70; i++) await page.evaluate(`send('${i}')`);
    await eventually(async () => expect((await texts(page, '.back .what')).at(-1)).toBe('69'));
    expect(await page.locator('#log > li').count()).toBe(100);
  });
});
