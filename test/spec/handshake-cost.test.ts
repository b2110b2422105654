/** What a whole handshake costs, by the length of each header that it reads: it is the same for each byte. [REL-4] */
import { expect, it } from '@jest/globals';
import { type HandshakeRequest, ServerContainer, ServerEndpoint, ServerEndpointConfig } from 'margay';
import type { Gate } from 'margay/spi';
import { answered, Wireless } from '../support/wireless.js';

const KiB = 1024;
/** ms: what is quadratic takes many times as long for 16 KiB, on any machine, and need not be looked at twice. */
const QUICK = 3;

/** Reads all there is to read of a request. */
class Curious extends ServerEndpointConfig.Configurator {
  override modifyHandshake(_config: ServerEndpointConfig, request: HandshakeRequest): void {
    request.getHeaders().get('x');
    request.getParameterMap().get('x');
    request.getRequestURI();
    request.getPreferredLocale();
    request.getRemoteAddress();
  }
}

@ServerEndpoint({ value: '/talk/{more}', configurator: Curious, subprotocols: ['chat', 'superchat'], perMessageDeflate: true })
class Talk {}

/** As many of them as fill so many bytes. */
const fill = (part: string, size: number) => part.repeat(Math.ceil(size / part.length)).slice(0, size);

const LIST = ['upgrade', 'connection', 'sec-websocket-version', 'sec-websocket-protocol', 'sec-websocket-extensions'];
const PROXIES = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto'];
const HEADERS = [...LIST, ...PROXIES, 'sec-websocket-key', 'origin', 'host', 'accept-language', 'cookie', 'content-length'];

/** What has been hard for parsers elsewhere. */
const SHAPES: readonly (readonly [what: string, text: (size: number) => string])[] = [
  ['blanks', (size) => `a${fill(' ', size)}b`],
  ['blanks and commas', (size) => fill('a \t ,', size)],
  ['commas', (size) => fill(',', size)],
  ['semicolons', (size) => `a${fill(';', size)}`],
  ['a quote that is never closed', (size) => `a; b="${fill('c', size)}`],
  ['escapes', (size) => `a; b="${fill('\\c', size)}`],
  ['escaped quotes', (size) => `a; b="${fill('\\"', size)}"`],
  ['quotes', (size) => fill('"', size)],
  ['entries', (size) => fill('a,', size)],
  ['entries, each another', (size) => fill(Array.from({ length: size / 4 }, (_, i) => `${i.toString(36)},`).join(''), size)],
  ['offers of permessage-deflate', (size) => fill('permessage-deflate; x=1,', size)],
  ['parameters of one offer', (size) => `permessage-deflate${fill('; client_max_window_bits', size)}`],
  ['pairs', (size) => fill('for=1.1.1.1;', size)],
  ['addresses', (size) => fill('10.0.0.1,', size)],
  ['brackets', (size) => fill('[', size)],
  ['colons', (size) => fill('1:', size)],
  ['digits', (size) => fill('1', size)],
  ['languages', (size) => fill('en;q=0.5,', size)],
  ['subtags', (size) => fill('en-x-a-', size)],
  ['a long word', (size) => fill('a', size)],
  ['dots', (size) => `http://${fill('a.', size)}`],
];

const TARGETS: readonly (readonly [what: string, text: (size: number) => string])[] = [
  ['one segment', (size) => `/talk/${fill('a', size)}`],
  ['slashes', (size) => `/talk${fill('/', size)}a`],
  ['segments', (size) => `/talk/${fill('a/', size)}`],
  ['dots', (size) => `/talk/${fill('a/../', size)}a`],
  ['percents', (size) => `/talk/${fill('%41', size - (size % 3))}`],
  ['percents that are none', (size) => `/talk/${fill('%', size)}`],
  ['a query of one name', (size) => `/talk/a?${fill('a&', size)}`],
  ['a query of many names', (size) => `/talk/a?${Array.from({ length: size / 5 }, (_, i) => i.toString(36)).join('&')}`],
  ['a query of nothing', (size) => `/talk/a?${fill('&', size)}`],
  ['an absolute one', (size) => `http://${fill('a', size)}/talk/a`],
];

it('[REL-4] 16 KiB cost what 16 times 1 KiB cost, wherever they stand', async () => {
  const transport = new Wireless();
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const container = new ServerContainer({ transport, trustProxy: true, logger: quiet });
  await container.addEndpoint(Talk);
  await container.listen({ port: 0 });
  const gate = transport.gate as Gate;

  const inHeaders = HEADERS.flatMap((name) =>
    SHAPES.map(([what, text]) => ({
      what: `${name}: ${what}`,
      ask: (size: number) => {
        const value = text(size);
        return () => answered(gate, '/talk/a', [[name, [value]]]);
      },
    })),
  );
  const inTargets = TARGETS.map(([what, text]) => ({
    what: `the target: ${what}`,
    ask: (size: number) => {
      const target = text(size);
      return () => answered(gate, target, []);
    },
  }));

  const statuses = new Set<string>();
  const slow: string[] = [];
  for (const { what, ask } of [...inHeaders, ...inTargets]) {
    const [short, long] = [ask(KiB), ask(16 * KiB)];
    const since = performance.now();
    statuses.add(await long());
    if (performance.now() - since < QUICK) continue;
    // a disturbance makes one run slower, never all of them: what is quadratic is so every time, 256 times instead of 16
    let ratio = Infinity;
    for (let attempt = 0; attempt < 4 && ratio > 48; attempt++) ratio = Math.min(ratio, (await least(long)) / (await least(short)));
    if (ratio > 48) slow.push(`${what}: ${ratio.toFixed(0)} times`);
  }
  expect(slow).toEqual([]);
  expect([...statuses]).toEqual(expect.arrayContaining(['101', '400', '403', '426'])); // they got as far as they should
  await container.close();
});

/** ms of the quickest of some runs. */
async function least(run: () => Promise<unknown>): Promise<number> {
  let ms = Infinity;
  for (let i = 0; i < 5; i++) {
    const since = performance.now();
    await run();
    ms = Math.min(ms, performance.now() - since);
  }
  return ms;
}
