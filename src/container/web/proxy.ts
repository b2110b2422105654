/** Who really calls when a reverse proxy stands in between [D-37]. */
import { BlockList, isIP } from 'node:net';
import { addressOf, family, type Range, rangeOf } from './address-range.js';
import { listOf, pairLists } from './header-grammar.js';
import { quoted } from './quoted.js';

/** Whose word about the hops before it counts: nobody's, any direct peer's, or that of these addresses and CIDR ranges. */
export type TrustProxy = boolean | readonly string[];

/** A request as its client made it. */
export interface Caller {
  /** An IPv4-mapped IPv6 address as IPv4. */
  readonly remoteAddress: string;
  /** As `Host` would say it, unchecked; null if nobody said. */
  readonly host: string | null;
  /** The client spoke TLS. */
  readonly secure: boolean;
}

type Headers = ReadonlyMap<string, readonly string[]>;

/** A request as it came. */
export interface Asking {
  readonly peer: { readonly address: string };
  readonly secure: boolean;
  readonly headers: Headers;
}

/** Who sits at the other end of the connection; the kernel is asked for the address when somebody wants to know. */
export class DirectCaller implements Caller {
  readonly host: string | null;
  readonly secure: boolean;
  readonly #request: Asking;

  constructor(request: Asking) {
    this.host = request.headers.get('host')?.[0] ?? null;
    this.secure = request.secure;
    this.#request = request;
  }

  get remoteAddress(): string {
    const { address } = this.#request.peer;
    return addressOf(address) ?? address;
  }
}

/** What one proxy wrote down about the request it got. */
interface Hop {
  readonly from: string | undefined;
  readonly host: string | undefined;
  readonly port?: string | undefined;
  readonly proto: string | undefined;
}

/** Nobody has more proxies in a row; each costs a look-up, and the whole handshake has 10 ms [REL-4]. */
const MOST_HOPS = 64;

export class TrustedProxies {
  readonly #everyPeer: boolean;
  readonly #listed: BlockList | null;

  /** Why this is no such option: fragments that follow `trustProxy`, each with its cure; none when it is one. */
  static objections(value: unknown): string[] {
    if (typeof value === 'boolean') return [];
    if (!Array.isArray(value)) return ['is neither true, false nor a list; write one such as ["10.0.0.0/8"]'];
    const odd = value.filter((entry) => typeof entry !== 'string' || rangeOf(entry) === null);
    return odd.map((entry) => `has ${quoted(entry)}; write an IP address or a range such as "10.0.0.0/8" or "fd00::/8"`);
  }

  /** @throws TypeError for a value that has objections: ask first. */
  constructor(trust: TrustProxy) {
    const objections = TrustedProxies.objections(trust);
    if (objections.length > 0) throw new TypeError(`trustProxy ${objections.join('; and it ')}`);
    this.#everyPeer = trust === true;
    this.#listed = typeof trust === 'boolean' ? null : new BlockList();
    for (const entry of typeof trust === 'boolean' ? [] : trust) {
      const { address, bits } = rangeOf(entry) as Range;
      this.#listed?.addSubnet(address, bits, family(address));
    }
  }

  /** No address makes a difference. */
  get areNone(): boolean {
    return !this.#everyPeer && this.#listed === null;
  }

  /** The request as its client made it; what the connection itself shows unless a trusted peer says otherwise. */
  callerOf(peerAddress: string, secure: boolean, headers: Headers): Caller {
    const direct = { remoteAddress: addressOf(peerAddress) ?? peerAddress, host: headers.get('host')?.[0] ?? null, secure };
    return this.#everyPeer || this.#trusts(direct.remoteAddress) ? this.#behind(direct, hopsOf(headers)) : direct;
  }

  /** Goes from hop to hop, nearest first, as long as the one that wrote it is trusted. */
  #behind(direct: Caller, hops: readonly Hop[]): Caller {
    let { remoteAddress } = direct;
    let first = hops.length;
    const farthest = Math.max(0, hops.length - MOST_HOPS);
    while (first > farthest) {
      const address = addressOf(hops[--first]?.from ?? '');
      if (address === null) break; // "unknown" or "_hidden": the proxy that says so is as far as we see
      remoteAddress = address;
      if (!this.#trusts(address)) break; // the last untrusted hop; what stands before it anybody may have written
    }
    // A proxy that left Host as it was may not mention it: the next one, nearer to us, then says what the client did.
    const seen = hops.slice(first);
    const named = seen.find(({ host }) => host !== undefined);
    const proto = seen.find((hop) => hop.proto !== undefined)?.proto?.toLowerCase();
    const secure = proto === undefined ? direct.secure : proto === 'https' || proto === 'wss';
    return { remoteAddress, host: named === undefined ? direct.host : hostOf(named, secure), secure };
  }

  #trusts(address: string): boolean {
    return this.#listed !== null && isIP(address) !== 0 && this.#listed.check(address, family(address));
  }
}

/** What the proxies wrote, farthest first: `Forwarded` if there is one, else `X-Forwarded-*`. One that cannot be read counts for nothing. */
function hopsOf(headers: Headers): readonly Hop[] {
  const forwarded = headers.get('forwarded');
  if (forwarded === undefined) return legacyHops(headers);
  const lists = pairLists(forwarded);
  if ('refusal' in lists) return [];
  return lists.map((pairs) => {
    const said = new Map(pairs.map(({ name, value }) => [name.toLowerCase(), value || undefined]));
    return { from: said.get('for'), host: said.get('host'), proto: said.get('proto') };
  });
}

/** Each proxy appends to each list, so the lists are laid side by side from the right; a shorter one began nearer to us. */
function legacyHops(headers: Headers): readonly Hop[] {
  const list = (name: string) => listOf(headers.get(name) ?? []);
  const from = list('x-forwarded-for');
  const host = list('x-forwarded-host');
  const port = list('x-forwarded-port');
  const proto = list('x-forwarded-proto');
  const length = Math.max(1, from.length); // one that hides the client may still name the host
  return Array.from({ length }, (_, i) => {
    const at = i - length;
    return { from: from.at(at), host: host.at(at), port: port.at(at), proto: proto.at(at) };
  });
}

/** X-Forwarded-Host, with X-Forwarded-Port where it has none and the port is not the scheme's own. */
function hostOf({ host = '', port }: Hop, secure: boolean): string {
  const known = port === undefined || port === (secure ? '443' : '80') || /:[0-9]*$/.test(host.replace(/^\[.*\]/, ''));
  return known ? host : `${host}:${port}`;
}
