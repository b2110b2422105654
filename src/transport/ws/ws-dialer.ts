/** The ws engine's other half: asks servers for connections, over TCP and TLS. [CLI-9, D-21] */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { Duplex, Writable } from 'node:stream';
import type { Call, Dialer, Reply } from '../dialer.js';
import { DialFailure } from './dial-failure.js';
import { bodyOf, exchange, type Heard } from './http-exchange.js';
import { HttpReply } from './http-reply.js';
import { Line, type Place } from './line-to-server.js';
import { guard } from './refusal.js';

export class WsDialer implements Dialer {
  /** As the SPI says. Each step may take `call.timeout` ms: TCP with the name lookup, TLS, the proxy's answer, the server's, and the body of a refusal. */
  async dial(call: Call): Promise<Reply> {
    validate(call);
    const line = new Line(call);
    let reply: HttpReply | null = null;
    try {
      reply = await replyOn(line, call);
      return reply;
    } finally {
      if (reply?.isSwitched !== true) line.drop();
    }
  }
}

/** Before anything is sent to anybody. */
function validate({ headers }: Call): void {
  try {
    for (const [name, value] of headers) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch (error) {
    throw new DialFailure('response', `The request has an illegal header line: ${(error as Error).message}`, { cause: error });
  }
}

async function replyOn(line: Line, call: Call): Promise<HttpReply> {
  const { uri, proxy, signal } = call;
  const place = placeOf(uri);
  const first = proxy === null ? place : { host: bare(proxy.host), port: proxy.port };
  await line.connect(first);
  if (proxy?.secure === true) await line.secure(first.host, 'proxy-tls');
  const refusal = proxy === null ? null : await line.tunnel(place, proxy);
  if (refusal !== null) return new HttpReply('proxy', refusal.response, await bodyBehind(refusal, line, call));
  if (isSecure(uri)) await line.secure(place.host);
  const { socket } = line;
  const question = { step: 'response', method: 'GET', target: uri.pathname + uri.search, headers: call.headers } as const;
  const { response, head } = await exchange(socket, question, call);
  const isBodiless = response.statusCode === 101; // what such a one lacks the house tells
  if (head === null) return new HttpReply('server', response, isBodiless ? Buffer.alloc(0) : await bodyOf(response, question, call));
  signal.throwIfAborted();
  return new HttpReply('server', response, { socket, head, signal });
}

/** node takes what follows the answer to a CONNECT for a tunnel; told again as the answer to a GET, it is read as the body it is. */
async function bodyBehind({ response, head }: Heard, { socket }: Line, call: Call): Promise<Buffer> {
  const { statusCode = 0, statusMessage, rawHeaders } = response;
  if (statusCode < 200) return Buffer.alloc(0);
  let lines = `HTTP/1.1 ${statusCode} ${statusMessage}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) lines += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  socket.unshift(Buffer.concat([Buffer.from(`${lines}\r\n`, 'latin1'), head ?? Buffer.alloc(0)]));
  const again = Duplex.from({ readable: socket, writable: new Writable({ write: (_bytes, _encoding, written) => written() }) });
  guard(again);
  const question = { step: 'proxy', method: 'GET', target: '/', headers: [['Connection', 'close']] } as const;
  return bodyOf((await exchange(again, question, call)).response, question, call);
}

const isSecure = ({ protocol }: URL): boolean => protocol === 'wss:';

function placeOf(uri: URL): Place {
  const { hostname, port } = uri;
  return { host: bare(hostname), port: port === '' ? (isSecure(uri) ? 443 : 80) : Number(port) };
}

/** An IPv6 address has brackets in a URL, and none elsewhere. */
const bare = (hostname: string): string => (hostname.startsWith('[') ? hostname.slice(1, -1) : hostname);
