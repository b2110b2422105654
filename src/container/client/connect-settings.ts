/** The options of one connect: what the caller gave, or the configuration's user properties say. [CLI-9] */
import type { ConnectOptions, Credentials, ReconnectOptions } from '../../api/connect-options.js';
import type { Logger } from '../../api/logger.js';
import {
  bytes,
  type Check,
  count,
  countOrNone,
  hook,
  listOf,
  name,
  object,
  objectionsTo,
  positive,
  refuseOddOnes,
} from '../options/checks.js';
import { SESSION_OPTIONS } from '../options/session-options.js';
import { isUrl } from './target.js';

const CREDENTIALS: Readonly<Record<keyof Credentials, Check>> = {
  username: (value) => (typeof value === 'string' ? null : 'give a text'),
  password: (value) => (typeof value === 'string' ? null : 'give a text'),
  realm: (value) => (typeof value === 'string' ? null : 'give a text'),
};
const credentials: Check = (value) => {
  const objection = object(CREDENTIALS)(value);
  if (objection !== null) return objection;
  const { username, password } = value as Partial<Credentials>;
  return username === undefined || password === undefined ? 'give both username and password' : null;
};

const RECONNECT: Readonly<Record<keyof ReconnectOptions, Check>> = {
  minDelay: positive,
  maxDelay: positive,
  attempts: countOrNone,
  stopOn: listOf((code) => Number.isInteger(code) && (code as number) >= 1000 && (code as number) <= 4999, 'give a list of close codes'),
  decide: hook,
  queue: (value) => (value === 0 || value === Number.POSITIVE_INFINITY ? null : count(value)),
};

const CONNECT_OPTIONS: Readonly<Record<keyof ConnectOptions, Check>> = {
  sslContext: (value) =>
    typeof value === 'object' && value !== null ? null : 'give what tls.createSecureContext returns, or options of tls.connect',
  timeout: positive,
  maxHeaderSize: count,
  maxRedirects: bytesLike('redirects'),
  auth: credentials,
  proxyAuth: credentials,
  proxy: (value) => (value === false || isUrl(value) || name(value) ? null : 'give a URL such as http://proxy:3128, or false'),
  origin: (value) => (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) ? null : 'give an origin such as https://app.example'),
  heartbeat: SESSION_OPTIONS.heartbeat,
  reconnect: (value) => (typeof value === 'boolean' ? null : object(RECONNECT)(value)),
};

/** @throws IllegalArgumentException `MARGAY_OPTION` */
export const checkConnectOptions = (options: unknown) => refuseOddOnes('connectToServer', options, CONNECT_OPTIONS);

/** Before each key that Tomcat knows. */
const TOMCAT = 'org.apache.tomcat.websocket.';
/** They said what an SSLContext says now. */
const SUPERSEDED = ['SSL_CONTEXT', 'SSL_PROTOCOLS', 'SSL_TRUSTSTORE', 'SSL_TRUSTSTORE_PWD'];

/** What the options are in the end, and what is wrong with the user properties. */
export interface Resolved {
  readonly options: ConnectOptions;
  readonly objections: readonly string[];
}

/** The caller's options, as they are now, before Tomcat's keys in the configuration's user properties. */
export function resolvedOptions(given: ConnectOptions, properties: ReadonlyMap<string, unknown>, logger: Logger): Resolved {
  if (properties.size === 0) return { options: { ...given }, objections: [] };
  for (const key of SUPERSEDED) {
    if (!properties.has(TOMCAT + key)) continue;
    const fields = { code: 'MARGAY_PROPERTY_IGNORED', property: TOMCAT + key };
    logger.warn(fields, `the user property ${TOMCAT}${key} is ignored; give the builder an sslContext`);
  }
  const own = (key: string) => properties.get(TOMCAT + key);
  const aliases = {
    timeout: numeric(own('IO_TIMEOUT_MS')),
    maxHeaderSize: numeric(own('MAX_HTTP_RESPONSE_HEADER_BYTES')),
    maxRedirects: numeric(own('MAX_REDIRECTIONS')),
    auth: credentialsOf(own, 'WS_AUTHENTICATION_'),
    proxyAuth: credentialsOf(own, 'WS_AUTHENTICATION_PROXY_') ?? credentialsOf(own, 'WS_PROXY_AUTHENTICATION_'),
    origin: own('DEFAULT_ORIGIN_HEADER_VALUE') ?? undefined,
  };
  const said = Object.fromEntries(Object.entries(aliases).filter(([key, value]) => value !== undefined && !isGiven(given, key)));
  const objections = objectionsTo(said, CONNECT_OPTIONS).map((each) => `its user properties: ${each}`);
  return { options: { ...said, ...defined(given) }, objections };
}

const isGiven = (options: ConnectOptions, key: string) => (options as Record<string, unknown>)[key] !== undefined;

/** Tomcat takes text too. */
function numeric(value: unknown): unknown {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : (value ?? undefined);
}

function credentialsOf(own: (key: string) => unknown, prefix: string): unknown {
  const [username, password, realm] = ['USER_NAME', 'PASSWORD', 'REALM'].map((key) => own(prefix + key) ?? undefined);
  if (username === undefined && password === undefined) return undefined;
  return { username, password, ...(realm === undefined ? {} : { realm }) };
}

function defined(options: ConnectOptions): ConnectOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function bytesLike(what: string): Check {
  return (value) => (bytes(value) === null ? null : `give a whole number of ${what}, or 0`);
}
