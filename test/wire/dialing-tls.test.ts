/** The ws engine's dialer over TLS: whom it trusts, whom it takes a server for, and what it asks of TLS. */
import { createSecureContext, type PeerCertificate, type TLSSocket } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { accepted, dial, failureOf } from '../support/calling.js';
import { authority, cert as clientCert, key as clientKey } from '../support/client-certificate.js';
import { eventually } from '../support/eventually.js';
import { leavingNothing } from '../support/handles.js';
import { cert, key } from '../support/localhost-certificate.js';
import { type RawServerOptions, rawServer, switching } from '../support/raw-server.js';
import { text } from '../support/wire-frames.js';

leavingNothing();

/** Its sockets' TLS is kept: it knows what the client has asked for. */
async function secureServer(more: RawServerOptions = {}) {
  const spoken: TLSSocket[] = [];
  const server = await rawServer(
    (socket, head) => {
      spoken.push(socket as TLSSocket);
      socket.write(Buffer.concat([Buffer.from(switching(head)), text('hello', { mask: null })]));
    },
    { ...more, tls: { key, cert, ALPNProtocols: ['other', 'http/1.1'], ...more.tls } },
  );
  return { port: server.port, server, spoken };
}

const anyone = (): undefined => undefined;

describe('a call to wss', () => {
  it.each([
    ['options', { ca: cert }],
    ['a SecureContext', createSecureContext({ ca: cert })],
  ])('[CLI-7] trusts whom it is told to trust, by %s, and opens a connection', async (_how, tls) => {
    const { port, spoken } = await secureServer();
    for (const host of ['localhost', '127.0.0.1']) {
      const { house, channel } = await accepted(await dial(`wss://${host}:${port}/`, { tls }));
      expect(house.events).toEqual([['opened'], ['text', 'hello']]);
      channel.terminate();
    }
    // an address is no server name [RFC 6066, 3]
    expect(spoken.map((socket) => [socket.alpnProtocol, (socket as { servername?: unknown }).servername])).toEqual([
      ['http/1.1', 'localhost'],
      ['http/1.1', false],
    ]);
  });

  it('[CLI-7] [D-21] without anything trusts as node does, which is not us', async () => {
    const { port, server } = await secureServer();
    const failure = await failureOf(`wss://localhost:${port}/`);
    expect(failure).toMatchObject({ step: 'tls', isTimeout: false, cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    expect(server.heads).toEqual([]);
  });

  it.each([
    ['a trusted certificate', { ca: cert }],
    ['one that nobody looks at', { rejectUnauthorized: false }],
    ['names that are said not to matter', { ca: cert, checkServerIdentity: anyone }],
    ['neither', { rejectUnauthorized: false, checkServerIdentity: anyone }],
    ['another name in the options', { rejectUnauthorized: false, servername: 'localhost', host: 'localhost' }],
    ['a SecureContext', createSecureContext({ ca: cert })],
  ])('[CLI-7] compares the names whatever is said, with %s', async (_what, tls) => {
    const { port, server } = await secureServer({ host: '127.0.0.2' });
    const failure = await failureOf(`wss://127.0.0.2:${port}/`, { tls });
    expect(failure).toMatchObject({ step: 'tls', isTimeout: false, cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
    expect(server.heads).toEqual([]);
  });

  it.each([
    ['an answer', (): Error => new Error('not this one')],
    [
      'a throw',
      (): never => {
        throw new Error('not this one');
      },
    ],
  ])("[CLI-7] asks a check of the user's besides, which says no by %s", async (_how, no) => {
    const { port } = await secureServer();
    const asked: unknown[] = [];
    const checkServerIdentity = (host: string, certificate: PeerCertificate): Error => {
      asked.push([host, certificate.subject.CN]);
      return no();
    };
    const failure = await failureOf(`wss://127.0.0.1:${port}/`, { tls: { ca: cert, checkServerIdentity } });
    expect(failure).toMatchObject({ step: 'tls', cause: { message: 'not this one' } });
    expect(asked).toEqual([['127.0.0.1', 'localhost']]);
  });

  it('[CLI-7] reaches the server of its URI whatever the options name, and shows the certificate that they have', async () => {
    const { port, spoken } = await secureServer({ tls: { requestCert: true, ca: authority } });
    const others = { host: 'elsewhere.invalid', port: 1, path: '/nowhere', servername: 'elsewhere.invalid', ALPNProtocols: ['other'] };
    const reply = await dial(`wss://localhost:${port}/`, { tls: { ca: cert, key: clientKey, cert: clientCert, ...others } });
    expect(spoken[0]?.getPeerCertificate().subject.CN).toBe('ann');
    expect([spoken[0]?.alpnProtocol, (spoken[0] as { servername?: unknown }).servername]).toEqual(['other', 'localhost']);
    reply.drop();
  });

  it('[D-21] [REL-1] fails at TLS where the server speaks none, ends, or the options make no sense', async () => {
    const wrong = await rawServer(() => {}, { connected: (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n') });
    const ending = await rawServer(() => {}, { connected: (socket) => socket.end() });
    const resetting = await rawServer(() => {}, { connected: (socket) => socket.once('data', () => socket.resetAndDestroy()) });
    expect(await failureOf(`wss://127.0.0.1:${wrong.port}/`)).toMatchObject({ step: 'tls', cause: { library: 'SSL routines' } });
    expect(await failureOf(`wss://127.0.0.1:${ending.port}/`)).toMatchObject({ step: 'tls', cause: { code: 'ECONNRESET' } });
    expect(await failureOf(`wss://127.0.0.1:${resetting.port}/`)).toMatchObject({ step: 'tls', cause: { code: 'ECONNRESET' } });
    expect(await failureOf(`wss://127.0.0.1:${wrong.port}/`, { tls: { ca: cert, key: 'no key' } })).toMatchObject({
      step: 'tls',
      cause: { code: expect.stringMatching(/^ERR_/) },
    });
    await eventually(() => expect(wrong.sockets.every((socket) => socket.readableEnded || socket.destroyed)).toBe(true));
  });

  it('[CLI-8] what comes in a TLS record of its own right behind the 101 has been shown when accept resolves', async () => {
    const server = await rawServer(
      (socket, head) => {
        socket.write(switching(head));
        for (const word of ['one', 'two', 'three']) socket.write(text(word, { mask: null }));
      },
      { tls: { key, cert } },
    );
    const reply = await dial(`wss://127.0.0.1:${server.port}/`, { tls: { ca: cert } });
    await new Promise((resolve) => setTimeout(resolve, 50)); // the house takes its time; the records have come
    const { house, channel } = await accepted(reply);
    expect(house.events).toEqual([['opened'], ['text', 'one'], ['text', 'two'], ['text', 'three']]);
    channel.terminate();
  });
});
