/** The way to a server over HTTP: requests, redirects, challenges and proxies, until one answers 101. [CLI-4 to CLI-12, EXT-17] */
import type { ClientEndpointConfig } from '../../../api/client-endpoint-config.js';
import { type FailedResponse, wordsOf } from '../../../api/exceptions.js';
import { ReadOnlyMap } from '../../../api/read-only-map.js';
import type { CallProxy, DialError, Dialer, DialStep, Reply } from '../../../transport/dialer.js';
import { release } from '../../negotiation/transformations.js';
import { spell } from '../../options/spelling.js';
import { HeaderMap } from '../../web/header-map.js';
import { authenticationFailed, connectTimeout, handshakeFailed, notConnected, proxyFailed, shown } from '../client-problems.js';
import type { Errand, Reach, Reached } from '../reach.js';
import { answerTo } from './authentication.js';
import { type HttpProxy, proxyFor } from './proxies.js';
import { isRedirect, Redirects } from './redirects.js';
import { linesOf, requestHeaders } from './request-headers.js';
import { checked } from './response-check.js';

export class HttpReach implements Reach {
  readonly #dialer: Dialer;

  constructor(dialer: Dialer) {
    this.#dialer = dialer;
  }

  reach(errand: Errand): Promise<Reached> {
    return new Journey(this.#dialer, errand).run();
  }
}

const STEPS = { connect: 'the connection', 'proxy-tls': 'TLS', tls: 'TLS', proxy: 'the proxy', response: 'the handshake' } as const;

/** One connect. */
class Journey {
  readonly #dialer: Dialer;
  readonly #errand: Errand;
  readonly #redirects: Redirects;
  #uri: URL;
  /** For the next request alone. */
  #authorization: string | null = null;
  /** A challenge has been answered, at this place. */
  #isAnswered = false;
  #proxyAuthorization: string | null = null;

  constructor(dialer: Dialer, errand: Errand) {
    this.#dialer = dialer;
    this.#errand = errand;
    this.#uri = errand.uri;
    this.#redirects = new Redirects(errand.uri, errand.options.maxRedirects ?? 20);
  }

  async run(): Promise<Reached> {
    for (;;) {
      const headers = requestHeaders(this.#uri, this.#errand, this.#authorization);
      await this.#beforeRequest(headers);
      const reply = await this.#ask(headers);
      await this.#afterResponse(reply);
      if (reply.status === 101) return this.#arrive(headers, reply);
      await this.#goOn(reply);
    }
  }

  /** What a response other than 101 means for the next request. */
  async #goOn(reply: Reply): Promise<void> {
    const response = responseOf(reply);
    if (isRedirect(reply.status)) {
      this.#uri = this.#redirects.next(this.#uri, response);
      this.#authorization = null;
      this.#isAnswered = false;
      return;
    }
    if (reply.status !== 401) throw handshakeFailed(this.#uri, `answered ${reply.status}${firstLine(response)}`, response);
    if (this.#isAnswered) throw authenticationFailed(this.#uri, 'answered 401 again; user name or password are not right', response);
    const { auth } = this.#errand.options;
    if (this.#uri.origin !== this.#errand.uri.origin) {
      // registered authenticators are not asked either: they may have a secret of their own [CLI-10]
      throw authenticationFailed(this.#uri, 'answered 401, and credentials are for nobody but the server that was asked first', response);
    }
    const target = this.#uri.pathname + this.#uri.search;
    const answer = await answerTo(reply.headers.get('www-authenticate') ?? [], auth ?? null, { method: 'GET', uri: this.#uri, target });
    if ('objection' in answer) throw authenticationFailed(this.#uri, `answered 401: ${answer.objection}`, response, answer.cause);
    this.#authorization = answer.authorization;
    this.#isAnswered = true;
  }

  /** The server's reply, through the proxy that the way leads through. */
  async #ask(headers: HeaderMap): Promise<Reply> {
    try {
      const { options, logger } = this.#errand;
      const found = proxyFor(this.#uri, options.proxy, process.env);
      if ('objection' in found) throw proxyFailed(this.#uri, found.objection);
      if (found.warning !== null) logger.warn({ code: 'MARGAY_PROXY_IGNORED', uri: shown(this.#uri) }, found.warning);
      const reply = await this.#dial(headers, found.proxy);
      return reply.by === 'server' ? reply : await this.#askAgain(headers, found.proxy as HttpProxy, reply);
    } catch (error) {
      await this.#told(new HeaderMap()).catch(() => {}); // there is no response of the server's; what was first is what is told
      throw error;
    }
  }

  /** The proxy gives no tunnel, or wants to know who asks. */
  async #askAgain(headers: HeaderMap, proxy: HttpProxy, refusal: Reply): Promise<Reply> {
    const where = `the proxy ${proxy.host}:${proxy.port}`;
    const response = responseOf(refusal);
    if (refusal.status !== 407) throw proxyFailed(this.#uri, `${where} answered ${refusal.status}${firstLine(response)}`, response);
    const authority = authorityOf(this.#uri);
    const credentials = this.#errand.options.proxyAuth ?? proxy.credentials;
    const request = { method: 'CONNECT', uri: this.#uri, target: authority };
    const answer = await answerTo(refusal.headers.get('proxy-authenticate') ?? [], credentials, request);
    if ('objection' in answer) throw proxyFailed(this.#uri, `${where} answered 407: ${answer.objection}`, response, answer.cause);
    this.#proxyAuthorization = answer.authorization;
    const reply = await this.#dial(headers, proxy);
    if (reply.by === 'server') return reply;
    const again = responseOf(reply);
    const why = reply.status === 407 ? '407 again; user name or password are not right' : `${reply.status}${firstLine(again)}`;
    throw proxyFailed(this.#uri, `${where} answered ${why}`, again);
  }

  async #dial(headers: HeaderMap, proxy: HttpProxy | null): Promise<Reply> {
    const { config, options, signal } = this.#errand;
    const timeout = options.timeout ?? 5000;
    const authorization = this.#proxyAuthorization;
    this.#proxyAuthorization = null; // a digest is for one request
    try {
      return await this.#dialer.dial({
        uri: this.#uri,
        subprotocols: config.getPreferredSubprotocols(),
        headers: linesOf(headers),
        proxy: proxy === null ? null : callProxyOf(proxy, authorization),
        tls: options.sslContext ?? config.getSSLContext(),
        timeout,
        maxHeaderSize: options.maxHeaderSize ?? 8192,
        signal,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      throw this.#failed(error as DialError, timeout, proxy);
    }
  }

  #failed(error: DialError, timeout: number, proxy: HttpProxy | null): Error {
    const words = STEPS[error.step] ?? STEPS.connect;
    const step = proxy === null ? words : behind(words, error.step, proxy);
    const cause = error.cause ?? error;
    if (error.isTimeout) return connectTimeout(this.#uri, step, timeout, cause);
    if (error.step === 'response') return handshakeFailed(this.#uri, wordsOf(error), undefined, cause);
    return error.step === 'proxy'
      ? proxyFailed(this.#uri, `the proxy failed: ${wordsOf(cause)}`, undefined, cause)
      : notConnected(this.#uri, step, cause);
  }

  #arrive(sent: HeaderMap, reply: Reply): Reached {
    const result = checked(sent, responseOf(reply), this.#errand.extensions);
    if ('objection' in result) {
      reply.drop();
      throw handshakeFailed(this.#uri, result.objection, responseOf(reply), result.cause);
    }
    const { agreed, subprotocol } = result;
    return {
      uri: this.#uri,
      subprotocol,
      extensions: agreed.extensions,
      accept: (open) => reply.accept(agreed, open),
      drop: () => {
        release(agreed.transformations);
        reply.drop();
      },
    };
  }

  get #configurator(): ClientEndpointConfig.Configurator {
    return this.#errand.config.getConfigurator();
  }

  async #beforeRequest(headers: HeaderMap): Promise<void> {
    try {
      await this.#configurator.beforeRequest?.(headers);
    } catch (cause) {
      throw handshakeFailed(this.#uri, `beforeRequest failed: ${wordsOf(cause)}`, undefined, cause);
    }
    const odd = [...headers].find(([, values]: [string, unknown]) => !isTexts(values));
    if (odd !== undefined) {
      throw handshakeFailed(this.#uri, `beforeRequest set the header ${odd[0]} to ${spell(odd[1])}; give a list of texts`);
    }
  }

  /** Told of every answer, whatever becomes of it. */
  async #afterResponse(reply: Reply): Promise<void> {
    const headers = new HeaderMap();
    for (const [name, lines] of reply.headers) headers.set(name, [...lines]);
    try {
      await this.#told(headers);
    } catch (error) {
      reply.drop();
      throw error;
    }
  }

  async #told(headers: HeaderMap): Promise<void> {
    try {
      await this.#configurator.afterResponse?.({ getHeaders: () => headers });
    } catch (cause) {
      throw handshakeFailed(this.#uri, `afterResponse failed: ${wordsOf(cause)}`, undefined, cause);
    }
  }
}

const isTexts = (values: unknown) => Array.isArray(values) && values.every((value) => typeof value === 'string');

/** With whom it was. */
function behind(words: string, step: DialStep, { host, port }: HttpProxy): string {
  if (step === 'connect') return `${words} to the proxy ${host}:${port}`;
  return step === 'proxy-tls' ? `${words} with the proxy ${host}:${port}` : words;
}

function callProxyOf({ host, port, secure }: HttpProxy, authorization: string | null): CallProxy {
  return { host, port, secure, headers: authorization === null ? [] : [['Proxy-Authorization', authorization]] };
}

/** Host and port, as a CONNECT names them. */
function authorityOf(uri: URL): string {
  return uri.port === '' ? `${uri.hostname}:${uri.protocol === 'wss:' ? 443 : 80}` : uri.host;
}

function responseOf({ status, headers, body }: Reply): FailedResponse {
  return { status, headers: new ReadOnlyMap(headers), body };
}

/** Of the body, if it can be read: what the server says of it. */
function firstLine({ body, headers }: FailedResponse): string {
  const [type = ''] = headers.get('content-type') ?? [];
  if (body.length === 0 || !/^(?:text\/|application\/(?:problem\+)?json)/i.test(type)) return '';
  const [line = ''] = body.toString('utf8', 0, 400).split(/[\r\n]/, 1);
  const words = line.replace(/\p{Cc}/gu, ' ').trim(); // it may end up on somebody's terminal
  return words === '' ? '' : `: ${words.slice(0, 200)}`;
}
