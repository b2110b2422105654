/** The map in a real browser: three people who walk about. */
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { CHROMIUM, texts, type Visit, visiting } from './visit.js';

const open = (visit: Visit, uid: string) => visit.open(`/nearby/page.html#${encodeURIComponent(uid)}`);

const sees = (page: Page, ...names: string[]) =>
  eventually(async () => expect((await texts(page, '#others .name')).sort()).toEqual([...names].sort()));

/** Where a walker is shown, in metres. */
const placeOf = (page: Page, selector: string) =>
  page.evaluate<[number, number]>(`(() => {
    const { style } = document.querySelector(${JSON.stringify(selector)});
    return [style.getPropertyValue('--x') * 1000, style.getPropertyValue('--y') * 600].map(Math.round);
  })()`);

/** Drags oneself over the map, in metres. */
async function drag(page: Page, x: number, y: number): Promise<void> {
  const map = await page.locator('#map').boundingBox();
  const [fromX, fromY] = await placeOf(page, '#map');
  if (map === null) throw new Error('there is no map');
  const at = (mx: number, my: number) => [map.x + (mx / 1000) * map.width, map.y + (my / 600) * map.height] as const;
  await page.mouse.move(...at(fromX, fromY));
  await page.mouse.down();
  await page.mouse.move(...at(x, y), { steps: 8 });
  await page.mouse.up();
}

const notes = (page: Page) => texts(page, '#log span');

visiting('the map', CHROMIUM, (visit) => {
  it('[EX-L1] shows those who are near to each other, and one "gone" each when they have walked apart', async () => {
    const [ming, hong, far] = [await open(visit, '小明 🐾'), await open(visit, '小红'), await open(visit, '<b>远</b>')];
    await sees(ming, '小红', '<b>远</b>');
    expect(await ming.locator('.name *').count()).toBe(0);
    await drag(far, 40, 40);
    await sees(far);
    for (const page of [ming, hong]) {
      await eventually(async () => expect((await notes(page)).filter((line) => line === '<b>远</b> is gone')).toHaveLength(1));
    }
    await sees(ming, '小红');
    await drag(hong, 560, 340);
    await eventually(async () => {
      const [x, y] = await placeOf(ming, '[data-uid="小红"]');
      expect([Math.abs(x - 560) < 4, Math.abs(y - 340) < 4]).toEqual([true, true]);
    });
    await hong.close();
    await sees(ming);
    expect((await notes(ming)).filter((line) => line === '小红 is gone')).toHaveLength(1);
  });

  it('[EX-L1] is walked with the arrow keys, and nobody leaves it', async () => {
    const [page, other] = [await open(visit, '走路的人'), await open(visit, '看的人')];
    const [x, y] = await placeOf(page, '#map');
    await page.focus('#me');
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp', 'Shift+ArrowDown']) await page.keyboard.press(key);
    expect(await placeOf(page, '#map')).toEqual([x + 20, y + 40]);
    await eventually(async () => expect(await placeOf(other, '[data-uid="走路的人"]')).toEqual([x + 20, y + 40]));
    for (let i = 0; i < 15; i++) await page.keyboard.press('Shift+ArrowDown');
    expect(await placeOf(page, '#map')).toEqual([x + 20, 600]);
    await sees(other);
    expect(await texts(page, '#log span')).not.toContain('"y" is a number from 0 to 600');
  });

  it('[EX-L1] moves a person in all of their windows', async () => {
    const [first, second, other] = [await open(visit, '两扇窗'), await open(visit, '两扇窗'), await open(visit, '别人')];
    await drag(first, 480, 280);
    await eventually(async () => expect(await placeOf(second, '#map')).toEqual(await placeOf(first, '#map')));
    await sees(first, '别人');
    await sees(second, '别人');
    await first.close();
    await drag(second, 500, 300);
    await sees(other, '两扇窗');
    expect((await notes(other)).filter((line) => line.endsWith('gone'))).toEqual([]);
  });

  it('[EX-0] keeps 25 lines of who came and went', async () => {
    const page = await open(visit, '门卫');
    for (let i = 0; i < 20; i++) await (await visit.dial(`/nearby/guest${i}`)).close();
    await eventually(async () => expect((await notes(page)).at(-1)).toBe('guest19 is gone'));
    expect(await page.locator('#log > li').count()).toBe(25);
  });

  it('is something to look at', async () => {
    const ming = await open(visit, '小明 🐾');
    const places = { 'Mila 🌿': [430, 180], 雲: [640, 330], Nika: [380, 390], Otto: [120, 300] };
    const peers = [];
    for (const [uid, [x, y]] of Object.entries(places)) {
      const peer = await visit.dial(`/nearby/${encodeURIComponent(uid)}`);
      peer.send(JSON.stringify({ kind: 'move', x, y }));
      peers.push(peer);
    }
    await drag(ming, 500, 290);
    await sees(ming, 'Mila 🌿', '雲', 'Nika');
    await visit.picture(ming, 'nearby');
    for (const peer of peers) await peer.close();
  });

  it('[EX-0] puts somebody whom the server has not placed in the middle, and not into the corner', async () => {
    const page = await visit.look(`/nearby/page.html#${'x'.repeat(65)}`);
    await page.waitForSelector('#state[data-state=lost]');
    expect(await page.textContent('#state')).toMatch(/^closed: 1008 .*a name has at most 64 characters/);
    expect(await page.evaluate(`['--x', '--y'].map((name) => document.querySelector('#map').style.getPropertyValue(name))`)).toEqual([
      '0.5',
      '0.5',
    ]);
  });
});
