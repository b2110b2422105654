/** Where a page came from, held against where it wants to go [D-06]. */
import { isIPv6 } from 'node:net';
import { quoted } from './quoted.js';

/** A host as `Host` names it. */
export interface HostPort {
  /** In lower case; an IPv6 address in its brackets. */
  readonly host: string;
  readonly port: number | null;
}

const DEFAULT_PORT: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['ws', 80],
  ['https', 443],
  ['wss', 443],
]);
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//;
const HOST_NAME = /^[A-Za-z0-9._~!$&'()*+,;=-]+$/;
const PORT = /^:([0-9]*)$/;
/** DNS ends at 253; what is longer is not looked at. */
const LONGEST = 300;

/** Reads `host`, `host:port` or `[IPv6]:port`; null if it is none of them. */
export function parseHost(text: string): HostPort | null {
  if (text.length > LONGEST) return null;
  const bracketed = text.startsWith('[');
  const end = bracketed ? text.indexOf(']') + 1 : text.indexOf(':');
  const host = end < 0 ? text : text.slice(0, end);
  if (bracketed ? !isIPv6(host.slice(1, -1)) : !HOST_NAME.test(host)) return null;
  if (host.length === text.length) return { host: host.toLowerCase(), port: null };
  const digits = PORT.exec(text.slice(host.length))?.[1];
  if (digits === undefined || Number(digits) > 65535) return null;
  return { host: host.toLowerCase(), port: digits === '' ? null : Number(digits) };
}

/**
 * Whether an Origin names the host and port of `Host`: the same text, letter case aside, once the default port of the
 * Origin's scheme is dropped from both. Schemes are not compared, so that a page on https gets through a proxy that ends
 * TLS. `null`, and what cannot be read, is never the same.
 */
export function sameHost(origin: string, host: string): boolean {
  const from = parseOrigin(origin);
  const to = parseHost(host);
  return from !== null && to !== null && from.host === to.host && from.port === withoutDefault(from.scheme, to.port);
}

/** The option `allowedOrigins`: everybody, or a list of `scheme://host[:port]` and `null`. */
export class AllowedOrigins {
  /** null: everybody. */
  readonly #keys: ReadonlySet<string> | null;

  /** Why this is no such option: fragments that follow its name, each with its cure; none when it is one. */
  static objections(value: unknown): string[] {
    if (value === '*') return [];
    if (!Array.isArray(value)) return ["is neither '*' nor a list; write one such as ['https://a.example']"];
    const odd = value.filter((entry) => typeof entry !== 'string' || keyOf(entry) === null);
    return odd.map((entry) =>
      entry === '*'
        ? "has '*' in a list; write '*' alone"
        : `has ${quoted(entry)}; write scheme://host, scheme://host:port or null, and no slash at the end`,
    );
  }

  /** @throws TypeError for a value that has objections: ask first. */
  constructor(allowed: '*' | readonly string[]) {
    const objections = AllowedOrigins.objections(allowed);
    if (objections.length > 0) throw new TypeError(`allowedOrigins ${objections.join('; and it ')}`);
    this.#keys = allowed === '*' ? null : new Set(allowed.map((entry) => keyOf(entry) as string));
  }

  /** Whether the Origin is listed, letter case and the scheme's default port aside. */
  has(origin: string): boolean {
    if (this.#keys === null) return true;
    const key = keyOf(origin);
    return key !== null && this.#keys.has(key);
  }
}

interface Origin extends HostPort {
  readonly scheme: string;
}

/** An origin in one spelling, its default port dropped; null for `null` and for what is none. */
function parseOrigin(text: string): Origin | null {
  if (text.length > LONGEST) return null;
  const head = SCHEME.exec(text);
  const at = head === null ? null : parseHost(text.slice(head[0].length));
  const scheme = head?.[1]?.toLowerCase();
  return at === null || scheme === undefined ? null : { scheme, host: at.host, port: withoutDefault(scheme, at.port) };
}

function withoutDefault(scheme: string, port: number | null): number | null {
  return port !== null && port === DEFAULT_PORT.get(scheme) ? null : port;
}

function keyOf(text: string): string | null {
  if (text.toLowerCase() === 'null') return 'null'; // pages opened from a file, sandboxed frames
  const origin = parseOrigin(text);
  return origin && `${origin.scheme}://${origin.host}:${origin.port ?? ''}`;
}
