/** Whom a client trusts, and what it shows of itself. */
import { createSecureContext, TLSSocket } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { type HandshakeRequest, OnMessage, ServerEndpoint, ServerEndpointConfig } from 'margay';
import * as client from '../support/client-certificate.js';
import { connect, refusal } from '../support/connecting.js';
import { backTo, handles } from '../support/handles.js';
import { cert, key } from '../support/localhost-certificate.js';
import { rawServer, switching } from '../support/raw-server.js';
import { start } from '../support/start.js';

@ServerEndpoint('/talk')
class Talk {
  @OnMessage echo(text: string): string {
    return text;
  }
}

const secure = (tls = {}) => start(Talk, { tls: { key, cert, ...tls } });
const at = ({ port }: { readonly port: number }, host = '127.0.0.1') => `wss://${host}:${port}/talk`;
const codeOf = (error: unknown) => ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code;

/** A message goes there and back. */
async function speaks(connecting: ReturnType<typeof connect>): Promise<boolean> {
  const session = await connecting;
  const heard = new Promise((resolve) => session.addMessageHandler(String, resolve));
  await session.getBasicRemote().sendText('hello');
  await heard;
  return session.isSecure() && (await heard) === 'hello';
}

describe('[CLI-7] wss', () => {
  it('trusts what the configuration’s sslContext trusts: options of tls.connect, or a SecureContext', async () => {
    const server = await secure();
    expect(await speaks(connect(at(server), { sslContext: { ca: cert } }))).toBe(true);
    expect(await speaks(connect(at(server), { sslContext: createSecureContext({ ca: cert }) }))).toBe(true);
  });

  it('the option beats the configuration, both ways', async () => {
    const server = await secure();
    expect(await speaks(connect(at(server), { sslContext: { ca: client.authority } }, { sslContext: { ca: cert } }))).toBe(true);
    const error = await refusal(
      connect(at(server), { sslContext: { ca: cert } }, { sslContext: createSecureContext({ ca: client.authority }) }),
    );
    expect(error.code).toBe('MARGAY_CONNECT');
  });

  it('a certificate that nobody vouches for: MARGAY_CONNECT, with node’s code on the cause; nothing is asked', async () => {
    const before = handles();
    const server = await rawServer((socket, head) => void socket.write(switching(head)), { tls: { key, cert } });
    const error = await refusal(connect(at(server)));
    expect([error.code, codeOf(error), error.status]).toEqual(['MARGAY_CONNECT', 'DEPTH_ZERO_SELF_SIGNED_CERT', undefined]);
    expect(server.heads).toEqual([]);
    expect((await connect(at(server), {}, { sslContext: { rejectUnauthorized: false } })).isOpen()).toBe(true);
    await server.stop();
    await backTo(before);
  });

  it('the host’s name is compared always, whatever the context says; nothing is asked of a stranger', async () => {
    const asked: Buffer[] = [];
    const proxy = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const tls = new TLSSocket(socket, { isServer: true, key, cert });
      tls.on('error', () => {}).on('data', (bytes: Buffer) => asked.push(bytes));
    });
    for (const sslContext of [
      { ca: cert },
      createSecureContext({ ca: cert }),
      { rejectUnauthorized: false },
      { ca: cert, checkServerIdentity: () => undefined },
      { ca: cert, servername: 'localhost', host: 'localhost' },
    ]) {
      const error = await refusal(connect('wss://shop.example/', {}, { sslContext, proxy: `http://127.0.0.1:${proxy.port}` }));
      expect([error.code, codeOf(error)]).toEqual(['MARGAY_CONNECT', 'ERR_TLS_CERT_ALTNAME_INVALID']);
    }
    expect(proxy.heads).toHaveLength(5);
    expect(asked).toEqual([]);
  });

  it('a checkServerIdentity of one’s own is asked as well', async () => {
    const server = await secure();
    const asked: string[] = [];
    const checkServerIdentity = (host: string) => {
      asked.push(host);
      return asked.length === 1 ? undefined : new Error('not that one');
    };
    const sslContext = { ca: cert, checkServerIdentity };
    expect(await speaks(connect(at(server), {}, { sslContext }))).toBe(true);
    const error = await refusal(connect(at(server), {}, { sslContext }));
    expect([error.code, error.cause]).toEqual(['MARGAY_CONNECT', new Error('not that one')]);
    expect(asked).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('shows the certificate of the context; a server that wants one refuses who has none', async () => {
    const shown = async (how: Parameters<typeof connect>[2]): Promise<string | undefined> => {
      let subject: string | undefined;
      class Hooks extends ServerEndpointConfig.Configurator {
        override modifyHandshake(_config: ServerEndpointConfig, request: HandshakeRequest): void {
          subject = request.getUserX509CertificateChain()?.[0]?.subject;
        }
      }
      const server = await start(ServerEndpointConfig.Builder.create(Talk, '/talk').configurator(new Hooks()).build(), {
        tls: { key, cert, requestCert: true, ca: client.authority },
      });
      return connect(at(server), {}, how).then(
        () => subject,
        ({ code }) => code,
      );
    };
    const ca = cert;
    expect(await shown({ sslContext: { ca, key: client.key, cert: client.cert } })).toBe('CN=ann');
    expect(await shown({ sslContext: createSecureContext({ ca, key: client.key, cert: client.cert }) })).toBe('CN=ann');
    expect(await shown({ sslContext: { ca } })).toMatch(/^MARGAY_(CONNECT|HANDSHAKE)$/);
  });

  it('what TLS cannot use is MARGAY_CONNECT too; a server without TLS as well', async () => {
    const server = await secure();
    const odd = await refusal(connect(at(server), {}, { sslContext: { ca: cert, key: 'no key', cert: 'no certificate' } }));
    expect([odd.code, (odd.cause as Error).message]).toEqual(['MARGAY_CONNECT', expect.stringContaining('PEM')]);
    const plain = await rawServer((socket) => void socket.end('HTTP/1.1 400 No\r\n\r\n'), {
      connected: (socket) => void socket.write('hello?'),
    });
    const error = await refusal(connect(at(plain)));
    expect([error.code, codeOf(error)]).toEqual(['MARGAY_CONNECT', expect.stringMatching(/^ERR_SSL/)]);
    expect(error.message).toMatch(/^wss:.*: TLS failed: .*[^\n]$/); // OpenSSL's own words end with a line break
  });

  it('is no part of ws: a context there is neither used nor wrong', async () => {
    const server = await rawServer((socket, head) => void socket.write(switching(head)));
    const session = await connect(`ws://127.0.0.1:${server.port}/`, {}, { sslContext: { key: 'no key' } });
    expect(session.isSecure()).toBe(false);
  });
});
