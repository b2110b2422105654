/** A server of node's HTTP that lets in who can say the password, and verifies what it is told as RFC 7616 and RFC 7617 have it. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach } from '@jest/globals';
import { switching } from './raw-server.js';

export interface AskingServer {
  readonly port: number;
  /** Authorization, or null, of each request. */
  readonly given: (string | null)[];
  readonly requests: IncomingMessage[];
}

/** Whether that will do. */
export type Verify = (authorization: string, request: IncomingMessage) => boolean;

const running = new Set<() => Promise<void>>();
afterEach(async () => {
  await Promise.all([...running].map((stop) => stop()));
  running.clear();
});

/** The lines are those of a 401: its challenges. */
export async function askingServer(challenges: readonly string[], verify: Verify): Promise<AskingServer> {
  const given: (string | null)[] = [];
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer();
  server.on('upgrade', (request, socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    requests.push(request);
    const { authorization } = request.headers;
    given.push(authorization ?? null);
    if (authorization !== undefined && verify(authorization, request)) {
      socket.write(switching(`Sec-WebSocket-Key: ${request.headers['sec-websocket-key']}`));
      return;
    }
    const lines = challenges.map((each) => `WWW-Authenticate: ${each}`);
    socket.end(['HTTP/1.1 401 Unauthorized', ...lines, 'Content-Type: text/plain', 'Content-Length: 11', '', 'Who is it?!'].join('\r\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.add(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, given, requests };
}

export interface Account {
  readonly username: string;
  readonly password: string;
  readonly realm: string;
}

/** Basic, in that encoding. */
export const basic =
  ({ username, password }: Account, encoding: BufferEncoding = 'latin1'): Verify =>
  (authorization) =>
    authorization === `Basic ${Buffer.from(`${username}:${password}`, encoding).toString('base64')}`;

/** What was said by name; quotes taken off. */
export function said(authorization: string): Record<string, string> {
  const pairs = authorization.replace(/^Digest /, '').matchAll(/([a-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]*))/gi);
  return Object.fromEntries([...pairs].map(([, name, quoted, bare]) => [name, quoted?.replace(/\\(.)/g, '$1') ?? bare]));
}

/** Digest, computed from the account and the request alone. */
export const digest =
  ({ username, password, realm }: Account, nonce: string, hash: string, isSession = false): Verify =>
  (authorization, { method, url }) => {
    if (!authorization.startsWith('Digest ')) return false;
    const { nc, cnonce, ...told } = said(authorization);
    const of = (text: string) => createHash(hash).update(text, 'utf8').digest('hex');
    const account = of(`${username}:${realm}:${password}`);
    const secret = isSession ? of(`${account}:${nonce}:${cnonce}`) : account;
    const wanted = of(`${secret}:${nonce}:${nc}:${cnonce}:auth:${of(`${method}:${url}`)}`);
    const isRight = told['username'] === username && told['realm'] === realm && told['nonce'] === nonce && told['uri'] === url;
    return isRight && told['qop'] === 'auth' && nc === '00000001' && (cnonce ?? '').length >= 16 && told['response'] === wanted;
  };
