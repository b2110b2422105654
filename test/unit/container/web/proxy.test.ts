import { describe, expect, it } from '@jest/globals';
import { TrustedProxies, type TrustProxy } from '../../../../src/container/web/proxy.js';
import { fastest } from '../../../support/fastest.js';

type Lines = Record<string, string | string[]>;

/** `address host scheme` as the client made them; the connection itself is plain and from `peer`. */
function caller(trust: TrustProxy, peer: string, headers: Lines, secure = false): string {
  const map = new Map(Object.entries({ host: 'inner', ...headers }).map(([name, lines]) => [name, [lines].flat()]));
  const seen = new TrustedProxies(trust).callerOf(peer, secure, map);
  return `${seen.remoteAddress} ${seen.host} ${seen.secure ? 'wss' : 'ws'}`;
}

const NEAR = ['10.0.0.0/8', 'fd00::/8', '192.0.2.7'];
const SPOOF = {
  'x-forwarded-for': '9.9.9.9',
  'x-forwarded-host': 'evil',
  'x-forwarded-proto': 'https',
  forwarded: 'for=9.9.9.9;host=evil;proto=https',
};

describe('who is trusted', () => {
  it.each<[TrustProxy, string]>([
    [false, '10.0.0.1'],
    [[], '10.0.0.1'],
    [NEAR, '11.0.0.1'],
    [NEAR, '192.0.2.8'],
    [NEAR, 'fe80::1'],
    [NEAR, '11.0.0.2'],
    [NEAR, ''],
  ])('[D-37] with %j, the headers from %s count for nothing', (trust, peer) => {
    expect(caller(trust, peer, SPOOF)).toBe(`${peer} inner ws`);
    expect(caller(trust, peer, SPOOF, true)).toBe(`${peer} inner wss`);
  });

  it.each<[TrustProxy, string]>([
    [true, '11.0.0.1'],
    [true, ''],
    [true, 'fe80::1%eth0'],
    [NEAR, '10.255.0.1'],
    [NEAR, '192.0.2.7'],
    [NEAR, 'fd00::1'],
    [NEAR, 'fd00::1%eth0'],
    [NEAR, '::ffff:10.0.0.1'],
    [NEAR, '::FFFF:0a00:0001'],
    [['::ffff:10.0.0.0/104'], '10.9.9.9'],
    [['::ffff:10.0.0.1'], '10.0.0.1'],
    [['10.0.0.1/32'], '10.0.0.1'],
    [['0.0.0.0/0'], '8.8.8.8'],
  ])('[D-37] with %j, those from %s do', (trust, peer) => {
    expect(caller(trust, peer, { forwarded: 'for=8.8.4.4;host=a.example;proto=https' })).toMatch(/^8\.8\.4\.4 a\.example wss$/);
  });

  it('[D-37] an IPv4-mapped peer is an IPv4 one', () => {
    expect(caller(false, '::ffff:127.0.0.1', {})).toBe('127.0.0.1 inner ws');
    expect(new TrustedProxies(false).callerOf('::1', true, new Map())).toEqual({ remoteAddress: '::1', host: null, secure: true });
  });

  it.each([
    [undefined, /neither/],
    ['10.0.0.0/8', /neither/],
    [1, /neither/],
    [['10.0.0.0/33'], /"10.0.0.0\/33"; write/],
    [['10.0.0.0/'], /write an IP address/],
    [['10.0.0.0/8/8'], /write an IP address/],
    [['10.0.0/8'], /write an IP address/],
    [['::/129'], /write an IP address/],
    [['::ffff:10.0.0.0/95'], /write an IP address/],
    [['proxy.example'], /write an IP address/],
    [['10.0.0.1:80'], /write an IP address/],
    [[''], /write an IP address/],
    [[null], /has null/],
  ])('[D-37] %j is no trustProxy', (value, objection) => {
    expect(TrustedProxies.objections(value)).toEqual([expect.stringMatching(objection)]);
    expect(() => new TrustedProxies(value as string[])).toThrow(objection);
  });
});

describe('Forwarded', () => {
  it.each<[string | string[], string]>([
    ['for=1.1.1.1', '1.1.1.1 inner ws'],
    ['FOR=1.1.1.1;Proto=HTTPS;hOst=a.example', '1.1.1.1 a.example wss'],
    ['for="[2001:db8::1]:4711";host="a.example:8443";proto=wss', '2001:db8::1 a.example:8443 wss'],
    ['for="1.1.1.1:80"', '1.1.1.1 inner ws'],
    ['for="[::ffff:1.1.1.1]"', '1.1.1.1 inner ws'],
    ['for=9.9.9.9;host=evil, for=1.1.1.1;host=a.example', '1.1.1.1 a.example ws'], // what the client wrote itself
    [['for=9.9.9.9;host=evil', 'for=1.1.1.1;host=a.example'], '1.1.1.1 a.example ws'],
    ['for=1.1.1.1;host=a.example;proto=https, for=10.0.0.2;host=inner2;proto=http', '1.1.1.1 a.example wss'],
    ['for=9.9.9.9;host=evil;proto=https, for=1.1.1.1, for=10.0.0.2;host=a.example', '1.1.1.1 a.example ws'],
    ['for=10.0.0.3;host=a.example, for=10.0.0.2', '10.0.0.3 a.example ws'], // a caller from inside
    ['for=unknown;host=a.example;proto=https', '10.0.0.1 a.example wss'],
    ['for=9.9.9.9, for=_hidden, for=10.0.0.2', '10.0.0.2 inner ws'],
    ['host=a.example', '10.0.0.1 a.example ws'],
    ['for=1.1.1.1;host=', '1.1.1.1 inner ws'],
    ['for=9.9.9.9;host=evil;x=", for=1.1.1.1;host="a.example"', '10.0.0.1 inner ws'], // unreadable: nothing counts
    ['for="', '10.0.0.1 inner ws'],
    ['', '10.0.0.1 inner ws'],
  ])('[D-37] %j is %s', (forwarded, seen) => {
    expect(caller(NEAR, '10.0.0.1', { forwarded })).toBe(seen);
  });

  it('[D-37] comes before X-Forwarded-*, even when it cannot be read', () => {
    expect(caller(NEAR, '10.0.0.1', { ...SPOOF, forwarded: 'for=1.1.1.1' })).toBe('1.1.1.1 inner ws');
    expect(caller(NEAR, '10.0.0.1', { ...SPOOF, forwarded: '"' })).toBe('10.0.0.1 inner ws');
  });

  it('[D-37] true trusts the direct peer alone', () => {
    expect(caller(true, '11.0.0.1', { forwarded: 'for=9.9.9.9;host=evil, for=1.1.1.1;host=a.example' })).toBe('1.1.1.1 a.example ws');
    expect(caller(true, '11.0.0.1', { 'x-forwarded-for': '9.9.9.9, 1.1.1.1' })).toBe('1.1.1.1 inner ws');
  });
});

it("[D-37] the scheme is the last proxy's where it says one, else that of the connection", () => {
  expect(caller(NEAR, '10.0.0.1', { forwarded: 'for=1.1.1.1' }, true)).toBe('1.1.1.1 inner wss');
  expect(caller(NEAR, '10.0.0.1', { forwarded: 'for=1.1.1.1;proto=http' }, true)).toBe('1.1.1.1 inner ws');
});

describe('X-Forwarded-*', () => {
  const FOR = 'x-forwarded-for';
  const HOST = 'x-forwarded-host';
  const PORT = 'x-forwarded-port';
  const PROTO = 'x-forwarded-proto';
  it.each<[Lines, string]>([
    [{ [FOR]: '1.1.1.1' }, '1.1.1.1 inner ws'],
    [{ [FOR]: '2001:DB8:0:0::0:1' }, '2001:db8::1 inner ws'], // one address is one, however it is written [REL-16]
    [{ [FOR]: '2001:db8::1', [HOST]: 'a.example', [PROTO]: 'https' }, '2001:db8::1 a.example wss'],
    [{ [FOR]: '9.9.9.9, 1.1.1.1, 10.0.0.2', [HOST]: 'evil, a.example, inner2', [PROTO]: 'http, https, http' }, '1.1.1.1 a.example wss'],
    [{ [FOR]: ['9.9.9.9', '1.1.1.1 , ,10.0.0.2'], [HOST]: 'a.example', [PROTO]: 'https' }, '1.1.1.1 a.example wss'],
    [{ [FOR]: '1.1.1.1', [HOST]: 'evil, a.example' }, '1.1.1.1 a.example ws'],
    [{ [HOST]: 'evil, a.example', [PROTO]: 'wss' }, '10.0.0.1 a.example wss'],
    [{ [FOR]: '1.1.1.1', [PROTO]: 'http' }, '1.1.1.1 inner ws'],
    [{ [HOST]: 'a.example', [PORT]: '8443', [PROTO]: 'https' }, '10.0.0.1 a.example:8443 wss'],
    [{ [HOST]: 'a.example', [PORT]: '443', [PROTO]: 'https' }, '10.0.0.1 a.example wss'],
    [{ [HOST]: 'a.example', [PORT]: '80' }, '10.0.0.1 a.example ws'],
    [{ [HOST]: 'a.example:1', [PORT]: '2' }, '10.0.0.1 a.example:1 ws'],
    [{ [HOST]: '[::1]', [PORT]: '2' }, '10.0.0.1 [::1]:2 ws'],
    [{ [HOST]: '[::1]:1', [PORT]: '2' }, '10.0.0.1 [::1]:1 ws'],
    [{ [PORT]: '8443' }, '10.0.0.1 inner ws'],
    [{ [FOR]: 'garbage', [HOST]: 'a.example' }, '10.0.0.1 a.example ws'],
  ])('[D-37] %j is %s', (headers, seen) => {
    expect(caller(NEAR, '10.0.0.1', headers)).toBe(seen);
  });

  it.each([
    ['x-forwarded-for', '10.0.0.1,'.repeat(1820)],
    ['x-forwarded-for', 'fd00::1,'.repeat(2048)],
    ['x-forwarded-for', '1:'.repeat(8192)],
    ['forwarded', 'for="[fd00::1]",'.repeat(1000)],
    ['forwarded', `for="[${'1:'.repeat(8180)}]"`],
    ['forwarded', ';'.repeat(16384)],
  ])('[REL-4] 16 KiB of %s take less than 10 ms', (name, text) => {
    const trusted = new TrustedProxies(NEAR);
    const headers = new Map([[name, [text]]]);
    const ms = fastest(() => {
      trusted.callerOf('10.0.0.1', false, headers);
    });
    expect(ms).toBeLessThan(10);
  });
});
