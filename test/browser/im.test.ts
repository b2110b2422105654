/** The messenger in a real browser: two people, and the second window of one of them. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { CHROMIUM, texts, type Visit, visiting } from './visit.js';

const open = (visit: Visit, uid: string) => visit.open(`/im/page.html#${encodeURIComponent(uid)}`);

const contact = (page: Page, uid: string) => page.locator(`.contact[data-uid="${uid}"]`);

const say = async (page: Page, text: string) => {
  await page.fill('#words', text);
  await page.press('#words', 'Enter');
};

/** The conversation that is open; what is on its way is not in it yet. */
const reads = (page: Page, ...words: string[]) =>
  eventually(async () => expect(await texts(page, '.said:not(.pending) .words')).toEqual(words));

const marks = (page: Page, ...marks: string[]) => eventually(async () => expect(await texts(page, '.unread')).toEqual(marks));

visiting('the messenger page', CHROMIUM, (visit) => {
  it('[EX-I1] lets two people talk; every window of both shows each message once, and text stays text', async () => {
    const [ming, hong] = [await open(visit, '小明 🐾'), await open(visit, '小红')];
    await contact(ming, '小红').click();
    const said = ['hello', '你好，世界', '<b>&amp;"\'</b>', '<img src=x onerror=alert(1)>'];
    for (const text of said.slice(0, 2)) await say(ming, text);
    await contact(hong, '小明 🐾').click();
    await reads(hong, ...said.slice(0, 2));
    for (const text of said.slice(2)) await say(hong, text);
    const second = await open(visit, '小明 🐾');
    await contact(second, '小红').click();
    for (const page of [ming, hong, second]) {
      await reads(page, ...said);
      expect(await page.locator('.words *, .last *').count()).toBe(0);
    }
    expect(await texts(second, '.mine .words')).toEqual(said.slice(0, 2));
    await say(second, '还有我 👩‍👩‍👧‍👦');
    for (const page of [ming, hong, second]) await reads(page, ...said, '还有我 👩‍👩‍👧‍👦');
  });

  it('[EX-I1] marks what is unread, and loses the mark in all windows when one shows it', async () => {
    const [mila, first, second] = [await open(visit, 'Mila'), await open(visit, '阿豹'), await open(visit, '阿豹')];
    await contact(mila, '阿豹').click();
    await say(mila, '一');
    await say(mila, '二');
    for (const page of [first, second]) await marks(page, '2');
    expect(await first.title()).toBe('(2) Messenger · margay');
    await contact(first, 'Mila').click();
    for (const page of [first, second]) await marks(page);
    await eventually(async () => expect(await second.title()).toBe('Messenger · margay'));
    await say(mila, '三');
    await reads(first, '一', '二', '三');
    await contact(second, 'Mila').click();
    await reads(second, '一', '二', '三');
    await marks(second);
  });

  it('[EX-I1] shows who comes and goes, and delivers what was written meanwhile', async () => {
    const otto = await open(visit, 'Otto');
    const nika = await open(visit, 'Nika');
    await eventually(async () => expect(await contact(otto, 'Nika').textContent()).toContain('online'));
    await contact(otto, 'Nika').click();
    await say(otto, '在吗？');
    await nika.close();
    await eventually(async () => expect(await otto.textContent('#presence')).toMatch(/^away/));
    await say(otto, '给你留言 🌙');
    await reads(otto, '在吗？', '给你留言 🌙');
    const back = await open(visit, 'Nika');
    await marks(back, '2');
    await eventually(async () => expect(await otto.textContent('#presence')).toBe('online'));
    await contact(back, 'Otto').click();
    await reads(back, '在吗？', '给你留言 🌙');
    await marks(back);
  });

  it('[EX-I1] writes to somebody who has never been here', async () => {
    const page = await open(visit, 'First');
    await page.fill('#somebody', '以后来的人');
    await page.press('#somebody', 'Enter');
    await say(page, '欢迎！');
    await reads(page, '欢迎！');
    const late = await open(visit, '以后来的人');
    await contact(late, 'First').click();
    await reads(late, '欢迎！');
  });

  it('[EX-I1] shows each message once when it comes back after the connection was cut', async () => {
    const [one, two] = [await open(visit, '断线的人'), await open(visit, '等待的人')];
    await contact(one, '等待的人').click();
    await say(one, '1');
    await contact(two, '断线的人').click();
    await reads(two, '1');
    await two.click('#toggle');
    await two.waitForSelector('#state[data-state=closed]');
    await say(one, '2');
    await two.fill('#words', '还没发');
    await two.press('#words', 'Enter');
    expect(await two.inputValue('#words')).toBe('还没发'); // kept, not lost
    await two.click('#toggle');
    await reads(two, '1', '2');
    await two.click('#send');
    for (const page of [one, two]) await reads(page, '1', '2', '还没发');
  });

  it('[EX-I1] sends again what was on its way when the connection was cut, and it is there once', async () => {
    const [one, two] = [await open(visit, '甲'), await open(visit, '乙')];
    await contact(one, '乙').click();
    await contact(two, '甲').click();
    // The network swallows one message, and the echo of another.
    await one.evaluate(`connection.socket.onmessage = null; globalThis.sending = connection.send`);
    await one.evaluate(`connection.send = (data) => data.includes('路上') || sending(data)`);
    await say(one, '在路上');
    await say(one, '没有回音');
    await reads(two, '没有回音');
    expect(await texts(one, '.pending .words')).toEqual(['在路上', '没有回音']);
    await one.evaluate(`connection.send = sending`);
    await one.click('#toggle');
    await one.waitForSelector('#state[data-state=closed]');
    await one.click('#toggle');
    for (const page of [one, two]) await reads(page, '没有回音', '在路上');
    expect(await texts(one, '.pending')).toEqual([]);
  });

  it('[EX-0] keeps a hundred messages of each conversation', async () => {
    const page = await open(visit, '读者');
    const peer = await visit.dial(`/im/${encodeURIComponent('作者')}`);
    for (let i = 0; i < 130; i++) peer.send(JSON.stringify({ kind: 'say', to: '读者', text: String(i), ref: String(i) }));
    await marks(page, '130');
    await contact(page, '作者').click();
    await eventually(async () => expect((await texts(page, '.words')).at(-1)).toBe('129'));
    expect(await page.locator('#said > li').count()).toBe(100);
    await marks(page);
    await peer.close();
  });

  it('is something to look at', async () => {
    const ming = await open(visit, '小明 🐾');
    const others = await Promise.all(['Mila 🌿', 'Nika', '雲', 'Otto'].map((uid) => visit.dial(`/im/${encodeURIComponent(uid)}`)));
    const write = (i: number, text: string) => others[i]?.send(JSON.stringify({ kind: 'say', to: '小明 🐾', text, ref: text }));
    write(2, '昨晚那只长尾虎猫又来了。');
    write(1, '明天见 See you tomorrow 🌙');
    write(1, 'Bring your binoculars 带上望远镜');
    write(0, 'Did you see the margay last night?');
    write(0, 'It walked down the tree head first.');
    await others[3]?.close();
    await contact(ming, 'Mila 🌿').click();
    await reads(ming, 'Did you see the margay last night?', 'It walked down the tree head first.');
    await say(ming, 'They can turn their hind feet round. 只有它们会。');
    await say(ming, 'Tonight at nine, at the bridge? 🐾');
    write(0, 'I shall bring tea.');
    await eventually(async () => expect(await texts(ming, '.said:not(.pending)')).toHaveLength(5));
    await visit.picture(ming, 'im');
    for (const peer of others) await peer.close();
  });

  it('[EX-0] says all of why nobody gets in, and of a lost connection that nothing is kept', async () => {
    const refused = await visit.look(`/im/page.html#${'x'.repeat(65)}`);
    await refused.waitForSelector('#state[data-state=lost]');
    const cut = `((state) => state.scrollWidth - state.clientWidth)(document.querySelector('#state'))`;
    expect([await refused.textContent('#state'), await refused.evaluate(cut)]).toEqual([
      expect.stringContaining('at most 64 characters'),
      0,
    ]);
    const page = await visit.open('/im/page.html#Mila');
    await page.fill('#somebody', '小红');
    await page.press('#somebody', 'Enter');
    expect(await page.textContent('#presence')).toBe('away: what you write is kept');
    await visit.stopServer();
    await page.waitForSelector('#state[data-state=lost]');
    expect(await page.textContent('#presence')).toBe('you are not connected');
  });
});
