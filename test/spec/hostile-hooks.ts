/**
 * A process of its own in which whatever has to answer at once is an async function that rejects; it prints what reached the
 * process, how each handshake was answered, and what was logged, as JSON. Run by test/spec/lifecycle-process.test.ts.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  type ContainerOptions,
  Endpoint,
  type LogFields,
  OnMessage,
  ServerApplicationConfig,
  ServerContainer,
  ServerEndpoint,
  ServerEndpointConfig,
  serve,
} from '../../src/index.js';
import { sleep } from '../support/eventually.js';
import { frame, OPCODES } from '../support/frames.js';
import { upgradeRequest } from '../support/raw-http.js';

const escaped: string[] = [];
process.on('unhandledRejection', (error) => escaped.push(`unhandledRejection ${String(error)}`));
process.on('uncaughtException', (error) => escaped.push(`uncaughtException ${String(error)}`));

const codes: string[] = [];
const note = (fields: LogFields): void => void codes.push(fields.code);
const logger = { debug: note, info: note, warn: note, error: note };
/** Fails behind its call, and says who it is. */
const rejects = (what: string) => (): never => Promise.reject(new Error(what)) as never;

class Hooks extends ServerEndpointConfig.Configurator {}

/** An extension that does nothing, but for what is put in its place. */
const transformation = (own: object) => ({
  rsv: [],
  parameters: [],
  inbound: (frame: never) => frame,
  outbound: (frame: never) => frame,
  ...own,
});

const identified = { authenticate: () => ({ name: 'ann' }), httpSession: () => ({ id: '1' }) };
const asking = (member: string) => {
  class Asking extends Hooks {}
  Object.assign(Asking.prototype, { [member]: rejects(member) });
  return Asking;
};

/** Expires soon; asked then, it knows of no date any more. */
function dying() {
  const end = Date.now() + 100;
  return {
    name: 'ann',
    get expires(): Date {
      if (Date.now() < end) return new Date(end);
      throw new Error('expires');
    },
  };
}

interface Case {
  readonly options?: ContainerOptions;
  readonly configurator?: new () => ServerEndpointConfig.Configurator;
}

const CASES: Readonly<Record<string, Case>> = {
  unsubscribing: { options: { ...identified, onSessionEnd: () => rejects('unsubscribing') } },
  subscribing: { options: { ...identified, onSessionEnd: rejects('subscribing') } },
  isUserInRole: { options: { ...identified, rolesAllowed: ['x'], isUserInRole: rejects('isUserInRole') } },
  subprotocol: { configurator: asking('getNegotiatedSubprotocol') },
  extensions: { configurator: asking('getNegotiatedExtensions') },
  build: { options: { extensions: [{ name: 'x', build: rejects('build') }] } },
  close: { options: { extensions: [{ name: 'x', build: () => transformation({ close: rejects('close') }) as never }] } },
  closeUnused: {
    options: {
      extensions: [
        { name: 'x', build: () => transformation({ rsv: [2], close: rejects('close x') }) as never },
        { name: 'y', build: () => transformation({ rsv: [2], close: rejects('close y') }) as never },
      ],
    },
  },
  expires: { options: { authenticate: dying, rolesAllowed: ['*'] } },
  logger: { options: { logger: { debug: rejects('debug'), info: rejects('info'), warn: rejects('warn'), error: rejects('error') } } },
};

const answers: Record<string, number> = {};
for (const [name, { options, configurator }] of Object.entries(CASES)) {
  @ServerEndpoint({ value: '/x', ...(configurator && { configurator }) })
  class Asked {
    @OnMessage text(_text: string): never {
      throw new Error('told to the log');
    }
  }
  const container = await serve({ endpoints: [Asked], port: 0, host: '127.0.0.1', logger, shutdownTimeout: 500, ...options });
  const peer = connect(Number(new URL(container.url).port), '127.0.0.1').on('error', () => {});
  peer.write(upgradeRequest('/x', ['Sec-WebSocket-Extensions: x, y', 'Sec-WebSocket-Protocol: x']));
  const [head] = (await once(peer, 'data')) as [Buffer];
  answers[name] = Number(head.toString('latin1', 9, 12));
  if (answers[name] === 101) peer.write(frame({ opcode: OPCODES.text, payload: 'text' }));
  await sleep(20);
  if (name === 'expires') await once(peer, 'data');
  peer.destroy();
  await sleep(20);
  await container.close();
}

/** A scan asks for its answers at once, too. */
class Programmatic extends Endpoint {
  onOpen(): void {}
}
class Promising extends ServerApplicationConfig {
  override getEndpointConfigs = rejects('getEndpointConfigs');
  override getAnnotatedEndpointClasses = rejects('getAnnotatedEndpointClasses');
}
await new ServerContainer({ logger }).scan({ modules: [{ Programmatic, Promising }] }).catch(() => {});

await sleep(20);
process.stdout.write(JSON.stringify({ escaped, answers, codes: [...new Set(codes)].sort() }));
