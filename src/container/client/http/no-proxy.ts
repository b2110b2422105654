/** Where the environment wants no proxy: `NO_PROXY`. [CLI-12] */
import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { family, rangeOf } from '../../web/address-range.js';

/** Where somebody wants to go. */
export interface Destination {
  /** In lower case; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Whether one of the entries has the destination: `*`, an IP address or a range of them, or a domain, which has all names below it
 * whether a dot is before it or not. Each may end in a port, and is for that port only then. Commas and blanks
 * stand between; what is none of these has nobody.
 */
export function isExempt(entries: string, { host, port }: Destination): boolean {
  return entries.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const { name, only } = entryOf(entry);
    return (only === null || only === port) && (isIP(host) === 0 ? isBelow(host, name) : isWithin(host, name));
  });
}

/** This machine, by name or address: no proxy's concern. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isWithin(host, '127.0.0.0/8') || isWithin(host, '::1');
}

/** `name`, `name:port` or `[IPv6]:port`; the colons of a bare IPv6 address are its own. */
function entryOf(entry: string): { readonly name: string; readonly only: number | null } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([0-9]{1,5}))?$/.exec(entry) ?? [];
  return { name: bracketed ?? plain ?? entry, only: port === undefined ? null : Number(port) };
}

function isWithin(host: string, entry: string): boolean {
  const range = rangeOf(entry);
  if (range === null) return false;
  const list = new BlockList();
  list.addSubnet(range.address, range.bits, family(range.address));
  return list.check(host, family(host));
}

/** The domain itself, or a name in it: `b.example` has `a.b.example`, and not `ab.example`. */
function isBelow(host: string, entry: string): boolean {
  const bare = entry.replace(/^\*?\./, '');
  const domain = dotless(domainToASCII(bare) || bare.toLowerCase());
  const name = dotless(host);
  return domain !== '' && (name === domain || name.endsWith(`.${domain}`));
}

/** The dot at the end of a name says that it is whole. */
function dotless(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
