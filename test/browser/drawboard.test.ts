/** The drawboard page in a real browser. */
import { expect, it } from '@jest/globals';
import type { Page, WebSocketRoute } from 'playwright-core';
import { encodePng } from '../../examples/drawboard/png.js';
import { Raster } from '../../examples/drawboard/raster.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { CHROMIUM, texts, type Visit, visiting } from './visit.js';

const PAGE = '/drawboard/page.html';
const BOARD = '/examples/websocket/drawboard';

type Point = [x: number, y: number];

/** Opens the page, and waits for the picture. */
async function sit(visit: Visit): Promise<Page> {
  const page = await visit.open(PAGE);
  await page.waitForSelector('#tools:not([disabled])');
  return page;
}

interface Choice {
  readonly kind?: 'b' | 'l' | 'r' | 'e';
  /** 1 to 8. */
  readonly ink?: number;
  readonly thickness?: number;
  readonly opacity?: number;
}

async function choose(page: Page, { kind = 'b', ink = 1, thickness = 6, opacity = 100 }: Choice): Promise<void> {
  await page.keyboard.press(kind);
  await page.keyboard.press(String(ink));
  await page.evaluate(`[byId('thickness').value, byId('opacity').value] = [${thickness}, ${opacity}]; measured()`);
}

/** Presses the button at the first point of the sheet, leads the mouse over the others, and lets go. */
async function lead(page: Page, ...points: Point[]): Promise<void> {
  const { x: left, y: top, width } = (await page.locator('#paper').boundingBox()) as { x: number; y: number; width: number };
  const to = ([x, y]: Point) => page.mouse.move(left + (x * width) / 900, top + (y * width) / 900);
  await to(points[0] as Point);
  await page.mouse.down();
  for (const point of points.slice(1)) await to(point);
  await page.mouse.up();
}

async function drag(page: Page, choice: Choice, ...points: Point[]): Promise<void> {
  await choose(page, choice);
  await lead(page, ...points);
}

/** Red, green, blue and alpha of a pixel of what the server has told of, or of what only this page shows. */
function pixel(page: Page, [x, y]: Point, canvas: 'picture' | 'sketch' = 'picture'): Promise<number[]> {
  return page.evaluate(`[...${canvas}.getImageData(${x}, ${y}, 1, 1).data]`);
}

/** How far two pictures are from each other: the furthest of all samples, the average of those that are not paper, and how many that are. */
async function difference(one: Page, other: Page): Promise<{ most: number; average: number; drawn: number }> {
  const url = await other.evaluate<string>('picture.canvas.toDataURL()');
  return one.evaluate(
    `(async (url) => {
      const image = new Image();
      image.src = url;
      await image.decode();
      const sheet = new OffscreenCanvas(WIDTH, HEIGHT).getContext('2d');
      sheet.drawImage(image, 0, 0);
      const [ours, theirs] = [picture, sheet].map((each) => each.getImageData(0, 0, WIDTH, HEIGHT).data);
      let [most, sum, drawn] = [0, 0, 0];
      for (let i = 0; i < ours.length; i++) {
        const far = Math.abs(ours[i] - theirs[i]);
        most = Math.max(most, far);
        sum += far;
        if (ours[i] !== 255 || theirs[i] !== 255) drawn++;
      }
      return { most, average: sum / Math.max(1, drawn), drawn };
    })(${JSON.stringify(url)})`,
  );
}

/** Opens the page with a server that says what the test says, and hears what the page says. */
async function pretend(visit: Visit, page: Page) {
  const heard: string[] = [];
  const opened = gate<WebSocketRoute>();
  await page.routeWebSocket(/drawboard/, (route) => {
    route.onMessage((message) => void heard.push(String(message)));
    opened.open(route);
  });
  await page.goto(visit.examples.url + PAGE);
  const route = await opened.promise;
  return { heard, say: (message: string | Buffer) => route.send(message), close: () => route.close({ code: 1000 }) };
}

/** A clean sheet, as the server sends it. */
const blank = () => encodePng(new Raster(900, 600));

/** The server has told of all strokes of this page, and nobody points at the sheet. */
async function isConfirmed(page: Page): Promise<void> {
  await page.mouse.move(1, 1);
  await page.focus('#toggle');
  const claim = 'sketch.getImageData(0, 0, WIDTH, HEIGHT).data.some((sample) => sample > 0)';
  await eventually(async () => expect(await page.evaluate(claim)).toBe(false));
}

/** Each tool, thick and thin, in full and letting something through, over the edge, and dots. */
const EVERYTHING: [Choice, ...Point[]][] = [
  [{ kind: 'e', ink: 3, thickness: 70 }, [700, 80], [770, 150]],
  [{ kind: 'l', ink: 5, thickness: 100, opacity: 30 }, [20, 560], [930, 590]],
  [{ kind: 'r', ink: 2, thickness: 14 }, [220, 330], [420, 500]],
  [{ kind: 'r', ink: 6, thickness: 5, opacity: 60 }, [385, 470], [250, 365]],
  [{ kind: 'l', ink: 1, thickness: 9 }, [200, 330], [320, 230]],
  [{ kind: 'l', ink: 1, thickness: 9 }, [320, 230], [440, 330]],
  [{ kind: 'l', ink: 1, thickness: 16 }, [570, 500], [570, 400]],
  [{ kind: 'e', ink: 4, thickness: 88, opacity: 80 }, [530, 310], [610, 390]],
  [{ kind: 'e', ink: 7, thickness: 3 }, [90, 120], [300, 150]],
  [{ kind: 'b', ink: 7, thickness: 17 }, [130, 250]],
  [{ kind: 'b', ink: 7, thickness: 17 }, [150, 262]],
  [{ kind: 'b', ink: 7, thickness: 17, opacity: 50 }, [108, 268]],
];

/** A wave, in many steps. */
const wave = (y: number): Point[] => Array.from({ length: 40 }, (_, i) => [60 + i * 20, y + 18 * Math.sin(i / 3)]);

visiting('the drawboard page', CHROMIUM, (visit) => {
  it('[EX-D3] [EX-D7] gives who comes late the picture that the others have, by all four tools', async () => {
    const author = await sit(visit);
    for (const [choice, ...points] of EVERYTHING) await drag(author, choice, ...points);
    await drag(author, { kind: 'b', ink: 5, thickness: 8 }, ...wave(545));
    await isConfirmed(author);
    const late = await sit(visit);
    const { most, average, drawn } = await difference(author, late);
    expect(drawn).toBeGreaterThan(100_000);
    expect(most).toBeLessThan(100); // of 255: there are several ways to smooth an edge
    expect(average).toBeLessThan(1.5);
    expect(await late.isHidden('#invitation')).toBe(true);
    await visit.picture(late, 'drawboard');
  });

  it('[EX-D4] [EX-D5] shows in both windows what each draws, in one order, and nothing twice', async () => {
    const [first, second] = [await sit(visit), await sit(visit)];
    await drag(first, { kind: 'l', ink: 2, thickness: 20 }, [100, 100], [300, 100]);
    await eventually(async () => expect(await pixel(second, [200, 100])).toEqual([179, 52, 31, 255]));
    await drag(second, { kind: 'l', ink: 5, thickness: 20, opacity: 50 }, [200, 50], [200, 150]);
    await eventually(async () => expect(await pixel(first, [200, 100])).not.toEqual([179, 52, 31, 255]));
    for (const page of [first, second]) await isConfirmed(page);
    expect(await difference(first, second)).toMatchObject({ most: 0 });
    expect(await texts(first, '#people')).toEqual(['2 people are here']);
    await second.close();
    await eventually(async () => expect(await texts(first, '#people')).toEqual(['only you are here']));
  });

  it('[EX-D2] [EX-D5] keeps up with many strokes a second from several windows and others', async () => {
    const pages = [await sit(visit), await sit(visit)];
    const peer = await visit.dial(BOARD);
    await Promise.all([
      ...pages.map((page, i) => drag(page, { kind: 'b', ink: i + 3, thickness: 3 }, ...wave(60 + 40 * i))),
      (async () => {
        for (let i = 0; i < 1000; i++) {
          peer.send(`1${i}|1,0,0,0,255,2,${i % 900},${200 + (i % 97)},${i % 900},${200 + (i % 89)}`);
          if (i % 50 === 0) await sleep(5);
        }
      })(),
    ]);
    for (const page of pages) await isConfirmed(page);
    await eventually(() => expect(String(peer.received.at(-1))).toContain('999,1,'));
    await eventually(async () => expect(await difference(pages[0] as Page, pages[1] as Page)).toMatchObject({ most: 0 }));
    await peer.close();
  });

  it('[EX-D2] reads several texts in one frame, and strokes that come before the picture', async () => {
    const page = await visit.context.newPage();
    const board = await pretend(visit, page);
    board.say('23;3+;3-;3+;10,1,255,0,0,255,10,50,50,50,50|0,2,0,255,0,255,10,150,50,150,50');
    board.say(await blank());
    await page.waitForSelector('#tools:not([disabled])');
    expect([await pixel(page, [50, 50]), await pixel(page, [150, 50])]).toEqual([
      [255, 0, 0, 255],
      [0, 255, 0, 255],
    ]);
    expect(await texts(page, '#people')).toEqual(['4 people are here']);
  });

  it('[EX-D5] shows its own strokes at once, until the server has told of them', async () => {
    const page = await visit.context.newPage();
    const board = await pretend(visit, page);
    board.say('21');
    board.say(await blank());
    await page.waitForSelector('#tools:not([disabled])');
    await drag(page, { kind: 'l', thickness: 20 }, [100, 100], [300, 100]);
    await drag(page, { kind: 'r', thickness: 20 }, [100, 200], [300, 300]);
    await eventually(() => expect(board.heard).toEqual(['11|2,36,28,19,255,20,100,100,300,100', '12|3,36,28,19,255,20,100,200,300,300']));
    const sketched = async (...points: Point[]) => Promise.all(points.map(async (at) => (await pixel(page, at, 'sketch'))[3]));
    await page.mouse.move(1, 1);
    await eventually(async () => expect(await sketched([200, 100], [200, 200])).toEqual([255, 255]));
    expect(await pixel(page, [200, 100])).toEqual([255, 255, 255, 255]);
    board.say('11,2,36,28,19,255,20,100,100,300,100');
    await eventually(async () => expect(await sketched([200, 100], [200, 200])).toEqual([0, 255]));
    expect(await pixel(page, [200, 100])).toEqual([36, 28, 19, 255]);
    board.say('12,3,36,28,19,255,20,100,200,300,300');
    await isConfirmed(page);
  });

  it('sends again what was on its way when the connection was lost', async () => {
    const [page, other] = [await sit(visit), await sit(visit)];
    await page.click('#toggle');
    await page.waitForSelector('#state[data-state=closed]');
    expect(await page.isDisabled('#thickness')).toBe(true);
    await lead(page, [100, 480], [200, 480]);
    await page.evaluate(`send({ type: 2, colour: [1, 2, 3, 255], thickness: 30, x1: 700, y1: 500, x2: 800, y2: 500 })`);
    await page.click('#toggle');
    await eventually(async () => expect(await pixel(other, [750, 500])).toEqual([1, 2, 3, 255]));
    expect(await pixel(other, [150, 480])).not.toEqual([36, 28, 19, 255]); // nobody draws who is not there
    await isConfirmed(page);
  });

  it('[EX-D3] [EX-0] shows what the server says when the room is full, as text', async () => {
    const page = await visit.context.newPage();
    const board = await pretend(visit, page);
    board.say('0<img src=x onerror=alert(1)> 满了');
    await board.close();
    await page.waitForSelector('#state[data-state=closed]');
    expect(await texts(page, '#notice')).toEqual(['<img src=x onerror=alert(1)> 满了']);
    expect(await page.locator('#notice *').count()).toBe(0);
  });

  it('draws with the keyboard', async () => {
    const [page, other] = [await sit(visit), await sit(visit)];
    await choose(page, { kind: 'l', ink: 6, thickness: 10 });
    await page.focus('#paper');
    for (const key of ['ArrowUp', 'Space', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Shift+ArrowDown', 'Enter'])
      await page.keyboard.press(key);
    await eventually(async () => expect(await pixel(other, [465, 290])).toEqual([125, 74, 158, 255]));
    for (const key of ['b', ']', 'Space', 'ArrowDown', 'ArrowDown', 'Space', 'r', 'Space', 'ArrowRight', 'Escape'])
      await page.keyboard.press(key);
    await eventually(async () => expect(await pixel(other, [480, 305])).toEqual([125, 74, 158, 255]));
    expect(await page.inputValue('#thickness')).toBe('12');
    await isConfirmed(page);
    expect(await difference(page, other)).toMatchObject({ most: 0 });
  });

  it('draws with a finger, on a sheet that is shown smaller', async () => {
    const context = await visit.browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
    const page = await context.newPage();
    await page.goto(visit.examples.url + PAGE);
    await page.waitForSelector('#tools:not([disabled])');
    const other = await sit(visit);
    await page.fill('#thickness', '40');
    await page.locator('#paper').tap({ position: { x: 346 / 2, y: 100 } });
    await eventually(async () => expect(await pixel(other, [450, 260])).toEqual([36, 28, 19, 255]));
    await context.close();
  });

  it.each([
    ['closing', (page: Page) => page.close()],
    ['killing', async (page: Page) => void (await visit.context.newCDPSession(page)).send('Page.crash').catch(() => {})],
  ])('[EX-D3] [EX-0] %s a tab in the middle of a stroke is a leave, once, and no error line', async (_way, leave) => {
    const peer = await visit.dial(BOARD);
    const page = await sit(visit);
    await page.mouse.move(700, 400);
    await page.mouse.down();
    await page.mouse.move(720, 420, { steps: 5 });
    await leave(page);
    const told = () =>
      peer.received.flatMap((message) => (typeof message === 'string' ? message.split(';') : [])).filter((text) => text.startsWith('3'));
    await eventually(() => expect(told()).toEqual(['3+', '3-']));
    await sleep(100);
    expect(told()).toEqual(['3+', '3-']);
    await peer.close();
  });

  it('[EX-D4] keeps the connection alive', async () => {
    const page = await visit.context.newPage();
    await page.clock.install();
    const board = await pretend(visit, page);
    await page.clock.fastForward(30_000);
    await eventually(() => expect(board.heard).toEqual(['0']));
    await page.clock.fastForward(30_000);
    await eventually(() => expect(board.heard).toEqual(['0', '0']));
  });
});
