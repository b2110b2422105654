/** The header lines that a browser sends to each transport, without any that are a visitor's own: those of Chromium 143 on Linux. */
import { randomBytes } from 'node:crypto';

type Lines = Readonly<Record<string, string>>;

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36';

const asked = (host: string, fetched: Lines): Lines => ({
  Host: host,
  Connection: 'keep-alive',
  'sec-ch-ua-platform': '"Linux"',
  ...fetched,
  'User-Agent': AGENT,
  'sec-ch-ua': '"Chromium";v="143", "Not A(Brand";v="24"',
  'sec-ch-ua-mobile': '?0',
  'Sec-Fetch-Site': 'same-origin',
  'Sec-Fetch-Mode': 'cors',
  'Sec-Fetch-Dest': 'empty',
  Referer: `http://${host}/transports/page.html`,
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'en-US,en;q=0.9',
});

/** By the path of each transport. */
export const browserLines = (host: string): ReadonlyMap<string, Lines> =>
  new Map([
    ['poll', asked(host, { Accept: '*/*' })],
    ['long-poll', asked(host, { Accept: '*/*' })],
    ['events', asked(host, { Accept: 'text/event-stream', 'Cache-Control': 'no-cache' })],
    [
      'socket',
      {
        Host: host,
        Connection: 'Upgrade',
        Pragma: 'no-cache',
        'Cache-Control': 'no-cache',
        'User-Agent': AGENT,
        Upgrade: 'websocket',
        Origin: `http://${host}`,
        'Sec-WebSocket-Version': '13',
        'Accept-Encoding': 'gzip, deflate, br, zstd',
        'Accept-Language': 'en-US,en;q=0.9',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
        'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
      },
    ],
  ]);
