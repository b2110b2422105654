/** Servers that are not there: each connection is a fake channel, and the test says whether one comes, and when. */
import { afterEach } from '@jest/globals';
import type { ConnectOptions, Endpoint, LogFields, Logger, Session } from 'margay';
import { Connector, type ConnectorHost } from '../../src/container/client/connector.js';
import type { Errand, Reach, Reached } from '../../src/container/client/reach.js';
import { Defaults } from '../../src/container/options/session-settings.js';
import { Roster } from '../../src/container/roster.js';
import { Tally } from '../../src/container/tally.js';
import { eventually } from './eventually.js';
import { FakeChannel } from './fake-channel.js';
import type { Line } from './start.js';

export class FakeReach implements Reach {
  readonly channels: FakeChannel[] = [];
  /** Those whose connection has come, and those who wait. */
  readonly errands: Errand[] = [];
  /** Waited for before a connection comes; if it fails, none does. */
  before: (errand: Errand) => unknown = () => {};

  async reach(errand: Errand): Promise<Reached> {
    this.errands.push(errand);
    await this.before(errand);
    return {
      uri: errand.uri,
      subprotocol: '',
      extensions: [],
      accept: async (open) => {
        const channel = new FakeChannel(false);
        channel.listener = open(channel);
        this.channels.push(channel);
        channel.listener.onOpened();
      },
      drop() {},
    };
  }

  /** The connection there is. */
  get channel(): FakeChannel {
    return this.channels.at(-1) as FakeChannel;
  }

  /** The next connection, once it is there. */
  async another(): Promise<FakeChannel> {
    const { length } = this.channels;
    return eventually(() => this.channels[length] ?? Promise.reject(new Error('no connection has come')));
  }
}

const opened = new Set<{ readonly connector: Connector; readonly reach: FakeReach }>();
afterEach(() => {
  for (const { connector, reach } of opened) {
    connector.close();
    for (const channel of reach.channels) channel.vanish();
  }
  opened.clear();
});

/** A container without a server, and what it says; ends with the test. */
export function faraway(options: ConnectorHost['options'] = {}) {
  const log: Line[] = [];
  const write = (level: keyof Logger) => (fields: LogFields, message: string) => void log.push({ ...fields, level, message });
  const logger: Logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const reach = new FakeReach();
  const roster = new Roster(new Tally(), logger);
  const connector = new Connector({
    container: {} as ConnectorHost['container'],
    owner: roster,
    logger,
    manager: null,
    defaults: new Defaults(options),
    options,
    extensions: [],
    reach,
  });
  opened.add({ connector, reach });
  const connect = (endpoint: object, how: ConnectOptions = { reconnect: true }): Promise<Session> =>
    connector.connect([endpoint, 'ws://far/away', how]);
  const connectProgrammatic = (endpoint: Endpoint, how: ConnectOptions = { reconnect: true }): Promise<Session> =>
    connector.connect([endpoint, null, 'ws://far/away', how]);
  return { reach, log, connector, roster, connect, connectProgrammatic };
}
