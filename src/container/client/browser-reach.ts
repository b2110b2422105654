/** The way to a server through a browser, which makes the request itself: what a page cannot say is refused, not forgotten. */
import { ClientEndpointConfig } from '../../api/client-endpoint-config.js';
import type { ConnectOptions } from '../../api/connect-options.js';
import { UnsupportedOperationException, wordsOf } from '../../api/exceptions.js';
import type { DialError, Dialer, Reply } from '../../transport/dialer.js';
import { extensionOf } from '../negotiation/extension.js';
import { extensionsOf } from '../web/header-grammar.js';
import { connectTimeout, handshakeFailed, notConnected } from './client-problems.js';
import type { Errand, Reach, Reached } from './reach.js';

/** What cannot be had of a browser. */
interface Refused {
  readonly option: keyof ConnectOptions;
  readonly why: string;
  /** The value that says what a browser does anyway. */
  readonly unless?: unknown;
}

const REFUSED: readonly Refused[] = [
  { option: 'sslContext', why: 'the browser decides whom it trusts, and which certificate it shows; install them there' },
  { option: 'proxy', why: 'the browser has a proxy of its own; set it there', unless: false },
  { option: 'proxyAuth', why: 'the browser answers its proxy itself; leave it out' },
  { option: 'auth', why: 'a page cannot set Authorization; use a cookie, or send a token in the first message' },
  { option: 'origin', why: "the browser sends the page's own; leave it out" },
  { option: 'maxHeaderSize', why: 'the browser reads the response itself; leave it out' },
  { option: 'maxRedirects', why: 'a browser follows none; leave it out', unless: 0 },
  { option: 'heartbeat', why: "a browser lets no page send pings; have the server's heartbeat, which browsers answer", unless: false },
];

export class BrowserReach implements Reach {
  readonly #dialer: Dialer;

  constructor(dialer: Dialer) {
    this.#dialer = dialer;
  }

  /** Rejects with UnsupportedOperationException that names all that a browser cannot do. */
  async reach(errand: Errand): Promise<Reached> {
    const objections = [...optionObjections(errand.options), ...configObjections(errand.config)];
    if (objections.length > 0) throw new UnsupportedOperationException(objections.join('\n'));
    const reply = await this.#dial(errand);
    try {
      await told(errand);
      return arrived(errand, reply);
    } catch (error) {
      reply.drop();
      throw error;
    }
  }

  async #dial(errand: Errand): Promise<Reply> {
    const { uri, config, options, signal } = errand;
    const timeout = options.timeout ?? 5000;
    const nothing = { headers: [], proxy: null, tls: null, maxHeaderSize: Number.POSITIVE_INFINITY };
    try {
      return await this.#dialer.dial({ ...nothing, uri, subprotocols: config.getPreferredSubprotocols(), timeout, signal });
    } catch (error) {
      await told(errand).catch(() => {}); // what was first is what is told
      if (signal.aborted) throw error;
      const { isTimeout, cause = error } = error as DialError;
      throw isTimeout ? connectTimeout(uri, 'the connection', timeout, cause) : notConnected(uri, 'the connection', cause);
    }
  }
}

/** The hook is called after success and failure, and has nothing to see: a page is shown no response. [CLI-5] */
async function told({ uri, config }: Errand): Promise<void> {
  try {
    await config.getConfigurator().afterResponse?.({ getHeaders: () => new Map() });
  } catch (cause) {
    throw handshakeFailed(uri, `afterResponse failed: ${wordsOf(cause)}`, undefined, cause);
  }
}

/** A browser has checked the response; what it tells of it is looked at again. [CLI-6] */
function arrived({ uri, config }: Errand, reply: Reply): Reached {
  const [subprotocol = ''] = reply.headers.get('sec-websocket-protocol') ?? [];
  if (subprotocol !== '' && !config.getPreferredSubprotocols().includes(subprotocol)) {
    throw handshakeFailed(uri, `answered with the subprotocol ${JSON.stringify(subprotocol)}, which was not offered`);
  }
  const entries = extensionsOf(reply.headers.get('sec-websocket-extensions') ?? []);
  return {
    uri,
    subprotocol,
    extensions: Object.freeze('refusal' in entries ? [] : entries.map(extensionOf)), // what the browser runs is its own affair
    accept: (open) => reply.accept({ deflate: null, transformations: [] }, open),
    drop: () => reply.drop(),
  };
}

function optionObjections(options: ConnectOptions): string[] {
  return REFUSED.filter(({ option, unless }) => options[option] !== undefined && options[option] !== unless).map(
    ({ option, why }) => `the option ${option}, or the user property that stands for it: ${why}`,
  );
}

function configObjections(config: ClientEndpointConfig): string[] {
  const heartbeat = config.getUserProperties().get('margay.heartbeat') ?? false;
  const { beforeRequest } = config.getConfigurator();
  const isOwn = beforeRequest !== undefined && beforeRequest !== ClientEndpointConfig.Configurator.prototype.beforeRequest;
  const found: (string | false)[] = [
    config.getSSLContext() !== null && `the configuration's sslContext: ${REFUSED[0]?.why}`,
    config.getExtensions().length > 0 && "the configuration's extensions: a browser offers its own; leave them out",
    heartbeat !== false && `the user property margay.heartbeat: ${REFUSED.at(-1)?.why}`,
    isOwn && "the configurator's beforeRequest: a page cannot set headers; use a cookie, the query, or the first message",
  ];
  return found.filter((each) => each !== false);
}
