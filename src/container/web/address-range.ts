/** IP addresses and ranges of them, however they are written. */
import { isIP, SocketAddress } from 'node:net';

/** The address in `1.2.3.4`, `1.2.3.4:80`, `::1` or `[::1]:80` in its one spelling, an IPv4-mapped one as IPv4; null if there is none. */
export function addressOf(text: string): string | null {
  if (text.length > 100) return null;
  const bare = /^\[([^\]]*)\](?::[0-9]+)?$/.exec(text)?.[1] ?? /^([0-9.]+):[0-9]+$/.exec(text)?.[1] ?? text;
  if (isIP(bare) !== 6) return isIP(bare) === 4 ? bare : null;
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  const mapped = /^::ffff:([0-9.]+)$/.exec(address)?.[1];
  return mapped ?? (bare.includes('%') ? bare : address); // the zone would be lost
}

/** Addresses whose first bits are the same. */
export interface Range {
  readonly address: string;
  readonly bits: number;
}

/** One address, or `address/bits`; an IPv4-mapped range as one of IPv4. Null if it is neither. */
export function rangeOf(entry: string): Range | null {
  const [written = '', bits, ...more] = entry.split('/');
  const address = isIP(written) === 0 ? null : addressOf(written);
  if (address === null || more.length > 0 || (bits !== undefined && !/^[0-9]{1,3}$/.test(bits))) return null;
  // The first 96 bits of an IPv4-mapped range are those of the mapping.
  const own = bits === undefined ? width(address) : Number(bits) - (width(written) - width(address));
  return own < 0 || own > width(address) ? null : { address, bits: own };
}

function width(address: string): number {
  return isIP(address) === 6 ? 128 : 32;
}

/** As node:net calls it. */
export function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
