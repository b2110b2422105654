/** What is written behind `margay`: api sheet, section 7. */
import { describe, expect, it } from '@jest/globals';
import { argumentsOf } from '../../../src/bin/arguments.js';

const NOTHING = {
  command: 'serve',
  port: undefined,
  host: undefined,
  contextPath: undefined,
  allowedOrigins: undefined,
  trustProxy: undefined,
  deflate: false,
  tlsCert: undefined,
  tlsKey: undefined,
  initializers: [],
  workers: 1,
};

const serve = (...args: string[]) => argumentsOf(['serve', ...args], {});

describe('flags', () => {
  it('left out are left to the container', () => {
    expect(serve('a', 'b')).toEqual({ ...NOTHING, paths: ['a', 'b'] });
  });

  it.each([
    [['--port', '0'], { port: 0 }],
    [['--port=65535'], { port: 65535 }],
    [['--port', '1', '--port', '2'], { port: 2 }],
    [['--host', 'localhost'], { host: 'localhost' }],
    [['--context-path', '/app'], { contextPath: '/app' }],
    [['--allowed-origin', 'http://a', '--allowed-origin', 'null'], { allowedOrigins: ['http://a', 'null'] }],
    [['--allowed-origin', 'http://a', '--allowed-origin', '*'], { allowedOrigins: '*' }],
    [['--trust-proxy'], { trustProxy: true }],
    [['--trust-proxy=10.0.0.0/8,::1'], { trustProxy: ['10.0.0.0/8', '::1'] }],
    [['--deflate'], { deflate: true }],
    [['--tls-cert', 'c', '--tls-key', 'k'], { tlsCert: 'c', tlsKey: 'k' }],
    [['--workers', '4'], { workers: 4 }],
    [['--initializer', 'x', '--initializer=y'], { initializers: ['x', 'y'] }],
  ])('%j before or behind the path', (flags, told) => {
    expect(serve(...flags, 'a')).toEqual({ ...NOTHING, paths: ['a'], ...told });
    expect(serve('a', ...flags)).toEqual({ ...NOTHING, paths: ['a'], ...told });
  });

  it('a path may begin with a dash behind --', () => {
    expect(serve('--', '-odd')).toMatchObject({ paths: ['-odd'] });
  });

  it('PORT counts where --port does not stand; an empty one is none', () => {
    expect(argumentsOf(['serve', 'a'], { PORT: '81' })).toMatchObject({ port: 81 });
    expect(argumentsOf(['serve', 'a', '--port', '82'], { PORT: '81' })).toMatchObject({ port: 82 });
    expect(argumentsOf(['serve', 'a'], { PORT: '' })).toMatchObject({ port: undefined });
  });

  it.each([[['--help']], [['serve', '--help']], [['serve', 'a', '--help', '--version']]])('%j asks for help', (args) => {
    expect(argumentsOf(args, {})).toEqual({ command: 'help' });
  });
});

describe('mistakes', () => {
  it.each([
    [[], /no command; try margay serve/],
    [['serv', '.'], /unknown command "serv"; did you mean serve\?/],
    [['listen', '.'], /unknown command "listen"; known are serve/],
    [['serve'], /no path; try margay serve/],
    [['serve', '.', '--prot', '0'], /unknown flag --prot; did you mean --port\?/],
    [['serve', '.', '--processes', '2'], /unknown flag --processes; known are --port, .*--version/],
    [['serve', '.', '--worker', '2'], /unknown flag --worker; did you mean --workers\?/],
    [['serve', '.', '--workers', '0'], /--workers is "0"; give a whole number above 0/],
    [['serve', '.', '--workers', 'all'], /--workers is "all"/],
    [['serve', '.', '--no-deflate'], /unknown flag --no-deflate; did you mean --deflate\?/],
    [['serve', '.', '--constructor'], /unknown flag --constructor/],
    [['serve', '.', '-p', '0'], /unknown flag -p;/],
    [['serve', '.', '--port'], /--port needs a value/],
    [['serve', '.', '--port='], /--port needs a value/],
    [['serve', '.', '--host', '--deflate'], /--host needs a value/],
    [['serve', '.', '--deflate=yes'], /--deflate takes no value/],
    [['serve', '.', '--port', '70000'], /--port is "70000"/],
    [['serve', '.', '--port', '0x50'], /--port is "0x50"/],
    [['serve', '.', '--tls-key', 'k'], /--tls-key stands without --tls-cert/],
    [['serve', '.', '--tls-cert', 'c'], /--tls-cert stands without --tls-key/],
  ])('%j', (args, words) => {
    expect(() => argumentsOf(args, {})).toThrow(words);
  });

  it('a PORT that is none', () => {
    expect(() => argumentsOf(['serve', '.'], { PORT: 'http' })).toThrow(/PORT is "http"/);
  });
});
