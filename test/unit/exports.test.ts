/** The doors: which there are, and what each lets out at run time. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as front from 'margay';
import * as catalina from 'margay/catalina';
import * as client from 'margay/client';
import * as spi from 'margay/spi';
import * as testing from 'margay/testing';
import { filesIn, read, root } from '../support/project.js';

interface Package {
  readonly main: string;
  readonly types: string;
  readonly exports: Record<string, string | { readonly types: string; readonly default: string }>;
  readonly sideEffects: readonly string[];
}

const manifest = JSON.parse(read('package.json')) as Package;
/** The client's door for browsers, and what both builds of that door share, are none by themselves. */
const PARTS = ['src/client-browser.ts', 'src/vocabulary.ts'];
const doors = filesIn('src').filter((file) => file.split('/').length === 2 && !PARTS.includes(file));
const nameOf = (door: string) => (door === 'src/index.ts' ? '.' : `./${door.slice('src/'.length, -'.ts'.length)}`);

/** What `margay` is at run time; types leave no trace. */
const FRONT = [
  ...['ServerEndpoint', 'OnOpen', 'OnMessage', 'OnClose', 'OnError', 'PathParam'],
  ...['session', 'config', 'closeReason', 'error', 'text', 'binary', 'pong', 'last', 'number', 'bigint', 'boolean', 'pathParam'],
  ...['Byte', 'Short', 'Int', 'Long', 'Float', 'Double', 'Char'],
  ...['Session', 'EndpointConfig', 'ServerEndpointConfig', 'CloseReason', 'PongMessage', 'SendResult'],
  ...['HandshakeRequest', 'HandshakeResponse'],
  ...['DeploymentException', 'DecodeException', 'EncodeException', 'SessionException', 'IllegalStateException'],
  ...['IllegalArgumentException', 'UnsupportedOperationException', 'InstantiationException'],
  ...['IOException', 'EOFException', 'SocketTimeoutException'],
  ...['reader', 'inputStream', 'decoded'],
  ...['Endpoint', 'MessageHandler', 'Encoder', 'Decoder', 'Reader', 'InputStream', 'Writer', 'OutputStream'],
  ...['ServerContainer', 'serve', 'openSessions', 'broadcast', 'suspend', 'resume', 'statistics'],
  ...['ServerApplicationConfig', 'HandlesTypes'],
  ...['ClientEndpoint', 'ClientEndpointConfig', 'ContainerProvider', 'registerAuthenticator'],
];

/** Of it, what has to do with a server. */
const SERVER = [
  ...['ServerEndpoint', 'HandlesTypes', 'ServerEndpointConfig', 'HandshakeRequest', 'ServerApplicationConfig'],
  ...['ServerContainer', 'serve', 'openSessions'],
];

describe('package.json', () => {
  it('exports exactly the doors of src, and itself', () => {
    const { './package.json': itself, ...rest } = manifest.exports;
    expect(itself).toBe('./package.json');
    expect(Object.keys(rest).sort()).toEqual(doors.map(nameOf).sort());
  });

  it('points every door to what the compiler makes of it', () => {
    for (const door of doors) {
      const built = `./dist/${door.slice('src/'.length, -'.ts'.length)}`;
      const browser = { types: `${built}.d.ts`, default: `${built}-browser.js` }; // the same words
      const forBrowsers = existsSync(join(root, door.replace('.ts', '-browser.ts'))) ? { browser } : {};
      expect(manifest.exports[nameOf(door)]).toEqual({ ...forBrowsers, types: `${built}.d.ts`, default: `${built}.js` });
    }
    expect([manifest.main, manifest.types]).toEqual(['./dist/index.js', './dist/index.d.ts']);
  });

  it('names files with side effects that are there', () => {
    const sources = manifest.sideEffects.map((file) => join(root, file.replace('dist', 'src').replace(/\.js$/, '.ts')));
    expect(sources.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe('doors', () => {
  it('margay lets out what is listed, and nothing else', () => {
    expect(Object.keys(front).sort()).toEqual([...FRONT].sort());
  });

  it('margay/client lets out the same, but for what has to do with a server, and the same objects', () => {
    const shared = Object.entries(front).filter(([name]) => !SERVER.includes(name));
    expect({ ...client }).toEqual(Object.fromEntries(shared));
    for (const [name, value] of shared) expect((client as Record<string, unknown>)[name]).toBe(value);
  });

  it('margay/spi is words only: nothing at run time', () => {
    expect(Object.keys(spi)).toEqual([]);
  });

  it("[TC7-8] margay/catalina has Tomcat 7's classes, and those of servlets", () => {
    const classes = ['HttpServlet', 'MessageInbound', 'StreamInbound', 'WebSocketServlet', 'WsOutbound'];
    expect(Object.keys(catalina).sort()).toEqual(classes);
  });

  it('margay/testing deploys, and has an engine', () => {
    expect(Object.keys(testing).sort()).toEqual(['deploy', 'memoryTransport']);
  });

  it('there is no default export', () => {
    for (const door of doors) expect(read(door)).not.toMatch(/export default|as default/);
  });
});
