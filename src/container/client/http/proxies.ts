/** Which HTTP proxy a connection takes. [CLI-12] */
import type { Credentials } from '../../../api/connect-options.js';
import { isExempt, isLoopback } from './no-proxy.js';

export interface HttpProxy {
  /** An IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** It is spoken to in TLS. */
  readonly secure: boolean;
  /** What its URL says of them; `proxyAuth` comes before. */
  readonly credentials: Credentials | null;
}

export interface ProxyChoice {
  /** null: the connection goes straight to where it wants. */
  readonly proxy: HttpProxy | null;
  /** Why what the environment says is not followed; null if it is. */
  readonly warning: string | null;
}

const NONE: ProxyChoice = Object.freeze({ proxy: null, warning: null });

/**
 * The option's proxy, for every address; with `false` none; with undefined that of the environment, as curl reads it: `https_proxy`
 * for wss, `http_proxy` for ws, then `all_proxy`, each in lower case before upper case and an empty one as if it were not there,
 * and none for what `no_proxy` lists, nor, as in Java, for this machine itself. The objection to an option, and the warning about a variable, have no password in them.
 */
export function proxyFor(
  uri: URL,
  option: URL | string | false | undefined,
  environment: NodeJS.ProcessEnv,
): ProxyChoice | { readonly objection: string } {
  if (option === false) return NONE;
  if (option !== undefined) {
    const proxy = proxyOf(option);
    return typeof proxy === 'string' ? { objection: `the option proxy ${proxy}` } : { proxy, warning: null };
  }
  const isSecure = uri.protocol === 'wss:';
  const said =
    (isSecure ? firstOf(environment, 'https_proxy', 'HTTPS_PROXY') : plainOf(environment)) ??
    firstOf(environment, 'all_proxy', 'ALL_PROXY');
  if (said === null) return NONE;
  const port = uri.port === '' ? (isSecure ? 443 : 80) : Number(uri.port);
  const host = bare(uri.hostname);
  const exempt = firstOf(environment, 'no_proxy', 'NO_PROXY');
  if (isLoopback(host) || (exempt !== null && isExempt(exempt.value, { host, port }))) return NONE;
  const proxy = proxyOf(said.value);
  return typeof proxy === 'string' ? { proxy: null, warning: `${said.name} is ignored: it ${proxy}` } : { proxy, warning: null };
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Where a CGI runs us, HTTP_PROXY is what a request's header `Proxy` said. */
function plainOf(environment: NodeJS.ProcessEnv): Variable | null {
  return environment['REQUEST_METHOD'] === undefined
    ? firstOf(environment, 'http_proxy', 'HTTP_PROXY')
    : firstOf(environment, 'http_proxy');
}

function firstOf(environment: NodeJS.ProcessEnv, ...names: readonly string[]): Variable | null {
  const name = names.find((each) => (environment[each] ?? '') !== '');
  return name === undefined ? null : { name, value: environment[name] as string };
}

/** The proxy a URL names, or `host:port`; if it names none, why: words that follow what said it. */
function proxyOf(written: URL | string): HttpProxy | string {
  const text = String(written).trim();
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(whole)) return 'is no URL; write http://host:port';
  const { protocol, hostname, port, username, password } = new URL(whole);
  if (protocol !== 'http:' && protocol !== 'https:') return `is one for ${protocol}//; only proxies for http:// and https:// are spoken to`;
  const secure = protocol === 'https:';
  try {
    const credentials =
      username === '' && password === '' ? null : { username: decodeURIComponent(username), password: decodeURIComponent(password) };
    return { host: bare(hostname), port: port === '' ? (secure ? 443 : 80) : Number(port), secure, credentials };
  } catch {
    return 'has a user name or a password with a % that stands for nothing; write %25 for the sign itself';
  }
}

/** As sockets take it: an IPv6 address without its brackets. */
function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
