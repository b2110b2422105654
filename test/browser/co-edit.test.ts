/** The co-edit page in a real browser. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { CHROMIUM, texts, type Visit, visiting } from './visit.js';

let documents = 0;

/** A page of a document that no other test has written. */
const fresh = () => `/co-edit/page.html?document=${encodeURIComponent(`文档 ${process.pid} ${documents++} 📄`)}`;

async function two(visit: Visit, path = fresh()): Promise<[Page, Page]> {
  return [await visit.open(`${path}#${encodeURIComponent('小明 🐼')}`), await visit.open(`${path}#${encodeURIComponent('<b>Mila</b>')}`)];
}

const textOf = (page: Page) => page.inputValue('#text');

/** All read this. */
const read = (text: string, ...pages: Page[]) =>
  eventually(async () => expect(await Promise.all(pages.map(textOf))).toEqual(pages.map(() => text)));

/** All read the same, whatever it is. */
async function agree(...pages: Page[]): Promise<string> {
  return eventually(async () => {
    const [first, ...others] = await Promise.all(pages.map(textOf));
    for (const other of others) expect(other).toBe(first);
    return first as string;
  });
}

const caretOf = (page: Page) =>
  page.evaluate(`[document.querySelector('#text').selectionStart, document.querySelector('#text').selectionEnd]`);

const putCaret = (page: Page, start: number, end = start) =>
  page.evaluate(`(document.querySelector('#text').focus(), document.querySelector('#text').setSelectionRange(${start}, ${end}))`);

/** At the caret, all at once: each key that is pressed is a journey to the browser and back. */
async function paste(page: Page, text: string): Promise<void> {
  await page.focus('#text');
  await page.keyboard.insertText(text);
}

visiting('the co-edit page', CHROMIUM, (visit) => {
  it('lets two people write one text, in Chinese, with emoji, and with what looks like HTML', async () => {
    const [first, second] = await two(visit);
    await first.type('#text', '你好，世界 🐾\n');
    await read('你好，世界 🐾\n', first, second);
    await putCaret(second, 8);
    await second.keyboard.type('<img src=x onerror=alert(1)>');
    await agree(first, second);
    expect((await textOf(first)).includes('<img src=x onerror=alert(1)>')).toBe(true);
    expect(await first.locator('#shadow img, #people b').count()).toBe(0);
    await eventually(async () => expect(await texts(first, '#people li')).toEqual(['小明 🐼 (you)', '<b>Mila</b>']));
  });

  it('ends with the same text when both write at once, each word in one piece', async () => {
    const [first, second] = await two(visit);
    const words = ['🐈一只猫在树上🐾 ', '🐆 four 🐆🐅 below '];
    await Promise.all([first, second].map((page, i) => page.type('#text', words[i] as string, { delay: 5 })));
    const text = await agree(first, second);
    expect([words.join(''), [...words].reverse().join('')]).toContain(text);
  });

  it('keeps caret and selection where they are in the text, whatever others write', async () => {
    const [first, second] = await two(visit);
    await first.type('#text', '一二三四五');
    await read('一二三四五', second);
    await putCaret(second, 2, 4);
    await putCaret(first, 0);
    await first.keyboard.type('🐾🐾');
    await read('🐾🐾一二三四五', second);
    expect(await caretOf(second)).toEqual([6, 8]);
    await second.keyboard.type('X');
    await read('🐾🐾一二X五', first, second);
    expect(await caretOf(first)).toEqual([4, 4]);
  });

  it('never splits a surrogate pair, though two emoji begin with the same half', async () => {
    const [first, second] = await two(visit);
    await first.type('#text', '🐶🐱🐭');
    await read('🐶🐱🐭', second);
    await putCaret(second, 2, 4);
    await second.keyboard.insertText('🐰'); // shares its first half with what it replaces
    await putCaret(first, 6);
    await first.keyboard.press('Backspace');
    await read('🐶🐰', first, second);
    const page = '/co-edit/binding.js';
    const cases = [
      ['🐶', '🐱', 2],
      ['a🐶b', 'a🐶🐶b', 5],
      ['😀', '🀀', 2],
      ['aaa', 'aaaa', 2],
      ['hello world', 'jello world', 11],
      ['', '字', 1],
      ['字', '', 0],
    ];
    const found = await first.evaluate(
      `import('${page}').then(({ difference }) => ${JSON.stringify(cases)}.map((each) => difference(...each)))`,
    );
    expect(found).toEqual([
      { at: 0, remove: 2, insert: '🐱' },
      { at: 3, remove: 0, insert: '🐶' },
      { at: 0, remove: 2, insert: '🀀' },
      { at: 1, remove: 0, insert: 'a' },
      { at: 0, remove: 1, insert: 'j' },
      { at: 0, remove: 0, insert: '字' },
      { at: 0, remove: 1, insert: '' },
    ]);
  });

  it('lets others wait while a word is put together from a list', async () => {
    const [first, second] = await two(visit);
    const keyboard = await visit.context.newCDPSession(first);
    await first.focus('#text');
    await keyboard.send('Input.imeSetComposition', { text: 'ni', selectionStart: 2, selectionEnd: 2 });
    await second.type('#text', 'meanwhile ');
    await second.waitForSelector('#undo[aria-disabled=false]');
    await keyboard.send('Input.imeSetComposition', { text: 'nihao', selectionStart: 5, selectionEnd: 5 });
    expect([await textOf(first), await textOf(second)]).toEqual(['nihao', 'meanwhile ']);
    await keyboard.send('Input.insertText', { text: '你好' });
    const text = await agree(first, second);
    expect(['meanwhile 你好', '你好meanwhile ']).toContain(text);
  });

  it('takes back what was written here, and nothing of the others', async () => {
    const [first, second] = await two(visit);
    await first.type('#text', '我的');
    await read('我的', second);
    await putCaret(second, 2);
    await second.keyboard.type('他的');
    await read('我的他的', first);
    await first.press('#text', 'ControlOrMeta+z');
    await read('他的', first, second);
    await first.press('#text', 'ControlOrMeta+Shift+z');
    await read('我的他的', first, second);
    await first.click('#undo');
    await read('他的', first, second);
    await eventually(async () => expect([await first.isDisabled('#undo'), await first.isDisabled('#redo')]).toEqual([true, false]));
    await first.click('#redo');
    await read('我的他的', first, second);
  });

  it('[EX-0] leaves the keyboard on Undo when there is nothing more to undo', async () => {
    const first = await visit.open(fresh());
    await first.type('#text', '我的');
    await first.focus('#undo');
    for (let i = 0; i < 3; i++) await first.keyboard.press('Enter');
    await first.waitForSelector('#undo[aria-disabled=true]');
    expect([await textOf(first), await first.evaluate('document.activeElement.id')]).toEqual(['', 'undo']);
  });

  it('shows who else is here, and where they write', async () => {
    const path = '/co-edit/page.html?document=Field notes';
    const [first, second, third] = [
      await visit.open(`${path}#Mila`),
      await visit.open(`${path}#<i>Otto</i>`),
      await visit.open(`${path}#小明 🐼`),
    ];
    await paste(first, 'The margay is a small cat of the forests. It climbs down a tree head first,\nand has been heard to call like a ');
    for (const page of [second, third]) await read(await textOf(first), page);
    await putCaret(second, 10);
    await putCaret(third, 92);
    await eventually(async () => expect(await texts(first, '.caret b')).toEqual(['<i>Otto</i>', '小明 🐼']));
    const before = `[...document.querySelectorAll('.caret')].map((each) => each.previousSibling.textContent.slice(-6))`;
    await eventually(async () => expect(await first.evaluate(before)).toEqual(['margay', 'en hea']));
    await eventually(async () => expect(await texts(first, '#people li')).toEqual(['Mila (you)', '<i>Otto</i>', '小明 🐼']));
    await second.keyboard.type(' (Leopardus wiedii)');
    await paste(first, 'tamarin.\n\nTo be looked up: how far does it jump?');
    await agree(first, second, third);
    await eventually(async () => expect(await first.evaluate(before)).toEqual(['iedii)', 'en hea']));
    await third.reload();
    await third.waitForSelector('#state[data-state=open]');
    await putCaret(third, 135);
    await eventually(async () => expect(await first.evaluate(before)).toEqual(['iedii)', 'tamari']));
    await visit.picture(first, 'co-edit');
    await third.close();
    await eventually(async () => expect(await texts(first, '#people li')).toEqual(['Mila (you)', '<i>Otto</i>']));
  });

  it('[EX-0] keeps what is written while there is no server, and merges it when it is back', async () => {
    const [first, second] = await two(visit);
    await first.type('#text', '一');
    await read('一', second);
    await visit.stopServer();
    for (const page of [first, second]) await page.waitForSelector('#state[data-state=lost]');
    await putCaret(first, 0);
    await first.keyboard.type('🐈 ');
    await putCaret(second, 1);
    await second.keyboard.type(' 二');
    expect([await textOf(first), await textOf(second)]).toEqual(['🐈 一', '一 二']);
    expect(await first.textContent('#kept')).toMatch(/on your own/);
    await visit.startServer();
    for (const page of [first, second]) await page.waitForSelector('#state[data-state=open]');
    await read('🐈 一 二', first, second);
  });

  it('says what was not taken, keeps it for its person, and goes on from what the others have', async () => {
    const path = fresh();
    const first = await visit.open(path);
    await first.type('#text', '短');
    const peer = await visit.dial(`/co-edit/${new URLSearchParams(path.split('?')[1]).get('document')}`);
    await peer.take(2);
    const large = await first.evaluate(`import('yjs').then((Y) => {
      const doc = new Y.Doc();
      doc.getText('text').insert(0, 'x'.repeat(524_200));
      return [...Y.encodeStateAsUpdate(doc).slice(0, 40)].concat(Y.encodeStateAsUpdate(doc).length);
    })`);
    expect(large).toHaveLength(41);
    const before = Buffer.from((large as number[]).slice(0, 40));
    const rest = (large as number[])[40] as number;
    peer.send(Buffer.concat([Buffer.from([1]), before, Buffer.alloc(rest - 41, 'x'), Buffer.from([0])]));
    await eventually(async () => expect((await textOf(first)).length).toBe(524_201));
    await first.evaluate(`document.querySelector('#text').removeAttribute('maxlength')`);
    await putCaret(first, 0);
    await first.keyboard.insertText('再写这些就太多了'.repeat(10));
    await first.waitForSelector('#refused:not([hidden])');
    expect(await first.textContent('#why')).toBe('The document is full: it has 512 KiB with its history. Your last change was not taken.');
    expect((await first.inputValue('#mine')).length).toBe(524_201 + 80);
    await eventually(async () => expect((await textOf(first)).length).toBe(524_201));
    await first.click('#dismiss');
    expect(await first.isHidden('#refused')).toBe(true);
    await peer.close();
  });
});
