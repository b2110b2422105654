/** The relay page in a real browser. */
import { expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { CHROMIUM, texts, visiting } from './visit.js';

visiting('the relay page', CHROMIUM, (visit) => {
  it('[EX-R2] [EX-0] posts texts, and shows the answer to each, in Chinese, with emoji, and with what looks like HTML', async () => {
    const page = await visit.look('/relay/page.html');
    const asked = ['hello', '你好，世界 🐾', '<b>&amp;"\'</b> +%20', '<img src=x onerror=alert(1)>', 'two\nlines'];
    for (const text of asked) {
      await page.fill('#access', text);
      await page.click('#ask'); // and does not wait for the answer
    }
    const answers = asked.map((text) => `Got your message (${text}).Thanks !`);
    await eventually(async () => expect(await texts(page, '.answered .got')).toEqual(answers));
    expect(await texts(page, '.asked')).toEqual(asked);
    expect(await page.locator('.got *').count()).toBe(0);
    await visit.picture(page, 'relay');
  });

  it('[EX-R2] shows what went wrong', async () => {
    const page = await visit.look('/relay/page.html');
    await page.fill('#access', 'x'.repeat(65_536));
    await page.click('#ask');
    await eventually(async () => expect(await texts(page, '.failed .got')).toEqual(['A form has at most 65536 bytes.']));
    visit.complaints = visit.complaints.filter((line) => !line.includes('413')); // which the browser's console tells too
  });

  it('[EX-0] keeps fifty lines', async () => {
    const page = await visit.look('/relay/page.html');
    await page.evaluate('Promise.all(Array.from({ length: 55 }, (_, i) => ask(String(i))))');
    expect((await texts(page, '.asked')).at(-1)).toBe('54');
    expect(await page.locator('#log > li').count()).toBe(50);
  });
});
