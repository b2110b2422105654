/** The danmaku page in a real browser. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { root } from '../support/project.js';
import { CHROMIUM, texts, type Visit, visiting } from './visit.js';

let rooms = 0;

/** Of a room that no other test has been in: the page of a person there. */
function newRoom(): (name: string) => string {
  const room = encodeURIComponent(`剧场 ${process.pid} ${rooms++} 🎭`);
  return (name) => `/danmaku/page.html?room=${room}#${encodeURIComponent(name)}`;
}

const figure = async (page: Page, id: string) => Number(await page.textContent(`#${id}`));

const atLeast = (page: Page, id: string, number: number) =>
  eventually(async () => expect(await figure(page, id)).toBeGreaterThanOrEqual(number), 20_000);

/** On stage with the test picture. */
async function star(visit: Visit, path: string): Promise<Page> {
  const page = await visit.open(path);
  await page.click('#perform');
  await atLeast(page, 'shown', 1);
  return page;
}

/** The colours of a few points of the picture. */
const colours = (page: Page) =>
  page.evaluate(
    `[[20, 20], [520, 78], [320, 350]].map(([x, y]) => [...document.querySelector('#canvas').getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3))`,
  ) as Promise<number[][]>;

visiting('the danmaku page', CHROMIUM, (visit) => {
  it('shows everybody what one shows, and lets what they say fly over it', async () => {
    const at = newRoom();
    const viewer = await visit.open(at('观众 🐼'));
    expect(await viewer.isVisible('#empty')).toBe(true);
    const performer = await star(visit, at('明星 ⭐'));
    await atLeast(viewer, 'shown', 5);
    expect(await viewer.isVisible('#empty')).toBe(false);
    expect(await viewer.textContent('#live')).toBe('明星 ⭐ is on stage');
    expect(await performer.textContent('#live')).toBe('you are on stage');
    const [[red, green, blue], moon] = (await colours(viewer)) as [[number, number, number], number[]];
    expect(blue).toBeGreaterThan(red); // a night sky, and the moon in it
    expect(green).toBeLessThan(90);
    expect(Math.min(...moon)).toBeGreaterThan(150);

    const said = ['弹幕！', '🐾👩‍👩‍👧‍👦', '<img src=x onerror=alert(1)>'];
    for (const text of said) {
      await viewer.fill('#words', text);
      await viewer.press('#words', 'Enter');
    }
    for (const page of [viewer, performer]) {
      await eventually(async () => expect(await texts(page, '#log .words')).toEqual(said));
      await eventually(async () => expect((await texts(page, '.fly')).slice(-3)).toEqual(said));
      expect(await page.locator('#log .words *, .fly *').count()).toBe(0);
    }
    await performer.click('#perform');
    await eventually(async () => expect(await viewer.isVisible('#empty')).toBe(true));
  });

  it('drops pictures for a slow viewer, shows both sides how many, and spares the others', async () => {
    const at = newRoom();
    const [quick, slow] = [await visit.open(at('Nika')), await visit.open(at('Otto, on the train'))];
    await slow.selectOption('#pace', '2000');
    const performer = await star(visit, at('Mila'));
    await atLeast(slow, 'dropped', 5);
    expect(await figure(quick, 'shown')).toBeGreaterThan(await figure(slow, 'shown'));
    await eventually(async () => {
      const rows = await texts(performer, '.audience tbody tr');
      expect(rows).toEqual([expect.stringMatching(/^Nika/), expect.stringMatching(/^Otto, on the train/)]);
      const [, slowly] = await performer.locator('.audience tbody tr').all();
      expect(Number(await slowly?.locator('td').nth(2).textContent())).toBeGreaterThanOrEqual(5);
    });
    const lines = ['Look at those eyes!', 'where is this?', 'It has ducked again', 'Good evening from the train 🐾', '好可爱'];
    for (const [i, line] of lines.entries()) {
      const page = i % 2 === 0 ? quick : slow;
      await page.fill('#words', line);
      await page.press('#words', 'Enter');
    }
    await eventually(async () => expect(await texts(slow, '#log .words')).toEqual(lines));
    const flown = `document.querySelector('.fly').offsetLeft / document.querySelector('#flight').clientWidth`;
    await eventually(async () => expect(await slow.evaluate(flown)).toBeLessThan(0.7));
    await visit.picture(slow, 'danmaku');
    await visit.picture(performer, 'danmaku-stage');
  });

  it('lets one on stage at a time, and says so to the others', async () => {
    const at = newRoom();
    const first = await star(visit, at('Mila'));
    const second = await visit.open(at('Mila')); // the same name, and another person
    await second.click('#perform');
    await eventually(async () => expect(await second.textContent('#notice')).toBe('Mila is on stage. Wait until it is free.'));
    expect(await second.textContent('#perform')).toBe('Go on stage');
    await first.close();
    await eventually(async () => expect(await second.isVisible('#empty')).toBe(true));
    await second.click('#perform');
    await atLeast(second, 'shown', 2);
    expect(await second.textContent('#notice')).toBe('');
  });

  it('gives back a comment that came too soon', async () => {
    const page = await visit.open(newRoom()('快嘴'));
    await page.evaluate(`for (let i = 1; i <= 12; i++) { words.value = '第' + i; form.requestSubmit(); }`);
    await eventually(async () => expect(await page.textContent('#notice')).toMatch(/^Slowly/));
    expect(await page.inputValue('#words')).toMatch(/^第\d+$/);
    await eventually(async () => expect((await texts(page, '#log .words')).slice(0, 5)).toEqual(['第1', '第2', '第3', '第4', '第5']));
  });

  it('[EX-0] keeps what cannot be sent, and sixty lines of what was', async () => {
    const at = newRoom();
    const page = await visit.open(at('甲'));
    const room = at('').split('room=')[1]?.split('#')[0];
    for (let person = 0; person < 14; person++) {
      const peer = await visit.dial(`/danmaku/${room}/${person}`);
      for (let i = 0; i < 5; i++) peer.send(JSON.stringify({ type: 'comment', text: `${person} ${i}` }));
      await eventually(() => expect(peer.received.at(-1)).toContain(`"${person} 4"`));
      await peer.close();
    }
    await eventually(async () => expect((await texts(page, '#log .words')).at(-1)).toBe('13 4'));
    expect(await page.locator('#log li').count()).toBe(60);
    expect(await page.locator('.fly').count()).toBeLessThanOrEqual(40);
    await visit.stopServer();
    await page.waitForSelector('#state[data-state=lost]');
    expect([await page.isDisabled('#send'), await page.isDisabled('#perform')]).toEqual([true, true]);
    await page.fill('#words', '还在');
    await page.press('#words', 'Enter');
    expect(await page.inputValue('#words')).toBe('还在');
  });

  it('[EX-0] goes on with the show when the server is back', async () => {
    const at = newRoom();
    const viewer = await visit.open(at('观众'));
    const performer = await star(visit, at('明星'));
    await atLeast(viewer, 'shown', 2);
    await visit.stopServer();
    for (const page of [viewer, performer]) await page.waitForSelector('#state[data-state=lost]');
    expect(await viewer.isVisible('#empty')).toBe(true);
    await visit.startServer();
    await atLeast(viewer, 'shown', 2);
    expect(await performer.textContent('#live')).toBe('you are on stage');
  });

  it('skips what is no picture, and takes the test picture where there is no camera', async () => {
    const at = newRoom();
    const viewer = await visit.open(at('观众'));
    const room = at('').split('room=')[1]?.split('#')[0];
    const peer = await visit.dial(`/danmaku/${room}/x`);
    peer.send('{"type":"take"}');
    for (const bytes of ['no picture', '<svg onload=alert(1)>', '']) {
      const before = await figure(viewer, 'shown');
      peer.send(Buffer.from(bytes));
      await atLeast(viewer, 'shown', before + 1);
    }
    await peer.close();
    await viewer.selectOption('#source', 'camera');
    await viewer.click('#perform');
    await atLeast(viewer, 'shown', 1);
    expect(await viewer.textContent('#notice')).toMatch(/this is the test picture\.$/);
  });

  it('[EX-0] goes on stage when it was opened from a file, too, where there are no workers', async () => {
    const isOnStage = JSON.stringify({ type: 'room', people: 1, onStage: 'Mila', isYou: true });
    await visit.context.routeWebSocket(/./, (socket) => {
      socket.onMessage((message) => void (message === '{"type":"take"}' && socket.send(isOnStage)));
    });
    const page = await visit.context.newPage();
    await page.goto(`${pathToFileURL(join(root, 'examples', 'danmaku', 'page.html'))}#Mila`);
    await page.waitForSelector('#state[data-state=open]');
    await page.click('#perform');
    await atLeast(page, 'shown', 3);
    visit.complaints = visit.complaints.filter((line) => !line.startsWith('asked for file:')); // which is where it is
  });
});
