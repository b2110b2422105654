/** Which proxy a connection takes: the option's, that of the environment, or none. */
import { describe, expect, it } from '@jest/globals';
import { proxyFor } from '../../../../../src/container/client/http/proxies.js';

type Environment = Record<string, string>;

/** `http://user:password@host:port`; "none"; or words. */
function choice(uri: string, option: URL | string | false | undefined, environment: Environment = {}): string {
  const made = proxyFor(new URL(uri), option, environment);
  if ('objection' in made) return made.objection;
  if (made.warning !== null) return `${made.proxy === null ? 'none' : 'one'}; ${made.warning}`;
  if (made.proxy === null) return 'none';
  const { host, port, secure, credentials } = made.proxy;
  return `${secure ? 'https' : 'http'} ${host} ${port}${credentials === null ? '' : ` ${credentials.username}/${credentials.password}`}`;
}

const EVERYWHERE = { http_proxy: 'env:1', https_proxy: 'env:2', all_proxy: 'env:3' };

describe('the option proxy', () => {
  it.each<[URL | string, string]>([
    ['http://p.example:3128', 'http p.example 3128'],
    [new URL('http://p.example:3128/'), 'http p.example 3128'],
    ['http://p.example', 'http p.example 80'],
    ['HTTP://P.Example:80/ignored?too', 'http p.example 80'],
    ['https://p.example', 'https p.example 443'],
    ['https://p.example:8443', 'https p.example 8443'],
    ['p.example:3128', 'http p.example 3128'],
    ['localhost:3128', 'http localhost 3128'], // no scheme called localhost
    ['p.example', 'http p.example 80'],
    ['10.0.0.1:3128', 'http 10.0.0.1 3128'],
    ['[::1]:3128', 'http ::1 3128'],
    ['http://[FD00::0:1]', 'http fd00::1 80'],
    ['http://anna:secret@p.example:3128', 'http p.example 3128 anna/secret'],
    ['anna:secret@p.example:3128', 'http p.example 3128 anna/secret'],
    ['http://an%20na:s%40%3A%2F%25%C3%A9@p.example', 'http p.example 80 an na/s@:/%\u00e9'],
    ['http://anna@p.example', 'http p.example 80 anna/'],
    ['http://:secret@p.example', 'http p.example 80 /secret'],
  ])('[CLI-12] %s is %s, wherever it goes and whatever the environment says', (option, proxy) => {
    expect(choice('ws://a.example/', option, { ...EVERYWHERE, no_proxy: '*' })).toBe(proxy);
    expect(choice('wss://a.example/', option, { ...EVERYWHERE, no_proxy: '*' })).toBe(proxy);
  });

  it('[CLI-12] false is none, whatever the environment says', () => {
    expect(choice('ws://a.example/', false, EVERYWHERE)).toBe('none');
    expect(choice('wss://a.example/', false, EVERYWHERE)).toBe('none');
  });

  it.each<[URL | string, string]>([
    ['socks5://p.example:1080', 'the option proxy is one for socks5://; only proxies for http:// and https:// are spoken to'],
    [new URL('socks://anna:secret@p.example'), 'the option proxy is one for socks://; only proxies for http:// and https:// are spoken to'],
    ['ftp://p.example', 'the option proxy is one for ftp://; only proxies for http:// and https:// are spoken to'],
    ['', 'the option proxy is no URL; write http://host:port'],
    ['http://', 'the option proxy is no URL; write http://host:port'],
    ['p.example:secret', 'the option proxy is no URL; write http://host:port'],
    ['http://anna:secret@p.example:99999', 'the option proxy is no URL; write http://host:port'],
    ['http://anna:50%secret@p.example', expect.stringMatching(/^the option proxy has .* a % that stands for nothing/) as unknown as string],
    ['http://%E9:secret@p.example', expect.stringMatching(/^the option proxy has .* a % that stands for nothing/) as unknown as string],
  ])('[CLI-12] %s is no proxy, and its password is not told', (option, objection) => {
    const words = choice('wss://a.example/', option);
    expect(words).toEqual(objection);
    expect(words).not.toContain('secret');
  });
});

describe('the environment', () => {
  it.each<[string, Environment, string]>([
    ['wss://a.example/', {}, 'none'],
    ['wss://a.example/', { https_proxy: 'http://p:1' }, 'http p 1'],
    ['wss://a.example/', { HTTPS_PROXY: 'p:1' }, 'http p 1'],
    ['wss://a.example/', { HTTPS_PROXY: 'https://anna:s%20t@p' }, 'https p 443 anna/s t'],
    ['wss://a.example/', { http_proxy: 'p:1', HTTP_PROXY: 'p:1' }, 'none'],
    ['ws://a.example/', { https_proxy: 'p:1', HTTPS_PROXY: 'p:1' }, 'none'],
    ['ws://a.example/', { http_proxy: 'p:1' }, 'http p 1'],
    ['ws://a.example/', { HTTP_PROXY: 'p:1' }, 'http p 1'],
    ['ws://a.example/', { http_proxy: 'lower:1', HTTP_PROXY: 'upper:2' }, 'http lower 1'],
    ['wss://a.example/', { https_proxy: 'lower:1', HTTPS_PROXY: 'upper:2' }, 'http lower 1'],
    ['ws://a.example/', { http_proxy: '', HTTP_PROXY: 'upper:2' }, 'http upper 2'],
    ['ws://a.example/', { http_proxy: '' }, 'none'],
    ['ws://a.example/', { all_proxy: 'p:1' }, 'http p 1'],
    ['wss://a.example/', { ALL_PROXY: 'p:1' }, 'http p 1'],
    ['wss://a.example/', { all_proxy: 'lower:1', ALL_PROXY: 'upper:2' }, 'http lower 1'],
    ['wss://a.example/', { all_proxy: 'all:1', HTTPS_PROXY: 'p:2' }, 'http p 2'],
    // A request's header `Proxy` is HTTP_PROXY to a CGI; nothing else is.
    ['ws://a.example/', { HTTP_PROXY: 'evil:1', REQUEST_METHOD: 'GET' }, 'none'],
    ['ws://a.example/', { HTTP_PROXY: 'evil:1', REQUEST_METHOD: '' }, 'none'],
    ['ws://a.example/', { HTTP_PROXY: 'evil:1', http_proxy: 'p:2', REQUEST_METHOD: 'GET' }, 'http p 2'],
    ['ws://a.example/', { HTTP_PROXY: 'evil:1', ALL_PROXY: 'p:3', REQUEST_METHOD: 'GET' }, 'http p 3'],
    ['wss://a.example/', { HTTPS_PROXY: 'p:1', REQUEST_METHOD: 'GET' }, 'http p 1'],
  ])('[CLI-12, EXT-17] to %s with %j: %s', (uri, environment, proxy) => {
    expect(choice(uri, undefined, environment)).toBe(proxy);
  });

  it.each<[Environment, string]>([
    [
      { https_proxy: 'socks5://anna:secret@p:1080' },
      'https_proxy is ignored: it is one for socks5://; only proxies for http:// and https:// are spoken to',
    ],
    [{ ALL_PROXY: 'socks5h://p' }, 'ALL_PROXY is ignored: it is one for socks5h://; only proxies for http:// and https:// are spoken to'],
    [{ HTTPS_PROXY: 'http://anna:secret@p:x' }, 'HTTPS_PROXY is ignored: it is no URL; write http://host:port'],
    [{ HTTPS_PROXY: 'http://%:secret@p' }, expect.stringMatching(/^none; HTTPS_PROXY is ignored: it has .* a % /) as unknown as string],
  ])('[CLI-12] %j is not followed, and a warning says so without the password', (environment, warning) => {
    const words = choice('wss://a.example/', undefined, environment);
    expect(words).toEqual(typeof warning === 'string' ? `none; ${warning}` : warning);
    expect(words).not.toContain('secret');
    expect(choice('wss://a.example/', undefined, { ...environment, no_proxy: '*' })).toBe('none');
  });
});

describe('NO_PROXY', () => {
  it.each<[string, string]>([
    ['*', 'ws://a.example/'],
    ['x, *', 'wss://[::1]/'],
    ['a.example', 'ws://a.example/'],
    ['a.example', 'ws://b.a.example/'],
    ['a.example', 'ws://c.b.a.example/'],
    ['.a.example', 'ws://b.a.example/'],
    ['.a.example', 'ws://a.example/'], // as curl has it
    ['*.a.example', 'ws://b.a.example/'],
    ['A.Example', 'ws://a.eXAMPLE/'],
    ['a.example.', 'ws://a.example/'],
    ['a.example', 'ws://a.example./'],
    ['b\u00fccher.example', 'ws://www.b\u00fccher.example/'],
    ['xn--bcher-kva.example', 'ws://b\u00fccher.example/'],
    ['box', 'ws://box:8080/'],
    ['x,a.example,y', 'ws://a.example/'],
    ['x a.example\ty', 'ws://a.example/'],
    [' x , a.example ,', 'ws://a.example/'],
    ['a.example:80', 'ws://a.example/'],
    ['a.example:443', 'wss://a.example/'],
    ['a.example:8080', 'ws://b.a.example:8080/'],
    ['10.0.0.1', 'ws://10.0.0.1/'],
    ['10.0.0.1:8080', 'ws://10.0.0.1:8080/'],
    ['10.0.0.0/8', 'ws://10.255.0.1/'],
    ['10.0.0.0/8:80', 'ws://10.255.0.1/'],
    ['10.0.0.0/31', 'ws://10.0.0.1/'],
    ['0.0.0.0/0', 'ws://8.8.8.8/'],
    ['10.0.0.0/8', 'ws://[::ffff:10.0.0.1]/'],
    ['fd00::1', 'ws://[fd00::1]/'],
    ['[fd00::1]', 'ws://[fd00::1]/'],
    ['[fd00::1]:80', 'ws://[fd00::1]/'],
    ['fd00:0::1', 'ws://[fd00::1]:9/'],
    ['FD00::/8', 'ws://[fd12::1]/'],
    ['::ffff:10.0.0.0/104', 'ws://10.9.9.9/'],
  ])('[CLI-12] %s has %s', (no_proxy, uri) => {
    expect(choice(uri, undefined, { ...EVERYWHERE, no_proxy })).toBe('none');
  });

  it.each<[string, string]>([
    ['', 'ws://a.example/'],
    [' , ', 'ws://a.example/'],
    ['.', 'ws://a.example/'],
    ['*.', 'ws://a.example/'],
    ['a.example', 'ws://ba.example/'],
    ['a.example', 'ws://a.example.org/'],
    ['b.a.example', 'ws://a.example/'],
    ['*.example', 'ws://aexample/'],
    ['a*', 'ws://a.example/'],
    ['example', 'ws://a.example2/'],
    ['a.example:81', 'ws://a.example/'],
    ['a.example:80', 'wss://a.example/'],
    ['a.example:http', 'ws://a.example/'],
    ['http://a.example', 'ws://a.example/'],
    ['10.0.0.1', 'ws://10.0.0.2/'],
    ['0.0.1', 'ws://10.0.0.1/'],
    ['.0.1', 'ws://10.0.0.1/'],
    ['1', 'ws://10.0.0.1/'],
    ['10.0.0.0/9', 'ws://10.128.0.1/'],
    ['10.0.0.0/33', 'ws://10.0.0.1/'],
    ['10.0.0.0/', 'ws://10.0.0.1/'],
    ['10.0.0.0/x', 'ws://10.0.0.1/'],
    ['10.0.0.0/8', 'ws://10.a.example/'],
    ['::1', 'ws://[::2]/'],
    ['[fd00::1]:81', 'ws://[fd00::1]/'],
    ['fd00::/8', 'ws://[fe00::1]/'],
    ['fd00::1', 'ws://10.0.0.1/'],
    ['10.0.0.1', 'ws://box/'], // no name is looked up
  ])('[CLI-12] %s has not %s', (no_proxy, uri) => {
    expect(choice(uri, undefined, { ...EVERYWHERE, no_proxy })).toBe(`http env ${uri.startsWith('wss') ? 2 : 1}`);
  });

  it.each(['localhost', 'app.localhost', '127.0.0.1', '127.9.9.9', '[::1]', '[::ffff:127.0.0.1]'])(
    '[CLI-12] %s is this machine itself: no proxy of the environment, but the one of the option',
    (host) => {
      expect(choice(`ws://${host}:8080/`, undefined, EVERYWHERE)).toBe('none');
      expect(choice(`ws://${host}:8080/`, 'http://option:1', EVERYWHERE)).toBe('http option 1');
    },
  );

  it('[CLI-12] in lower case comes before upper case; an empty one is as if it were not there', () => {
    const chosen = (more: Environment) => choice('ws://a.example/', undefined, { ...EVERYWHERE, ...more });
    expect(chosen({ NO_PROXY: 'a.example' })).toBe('none');
    expect(chosen({ no_proxy: 'b.example', NO_PROXY: 'a.example' })).toBe('http env 1');
    expect(chosen({ no_proxy: '', NO_PROXY: 'a.example' })).toBe('none');
  });
});
