/** The container of those who only connect. [CON-7] */
import type { Extension } from '../api/extension.js';
import { ReadOnlySet } from '../api/read-only-set.js';
import type { Session } from '../api/session.js';
import { Connector } from './client/connector.js';
import type { Reach } from './client/reach.js';
import { Connecting } from './connecting.js';
import { extensionOf } from './negotiation/extension.js';
import { consoleLogger, quiet } from './options/console-logger.js';
import { Defaults } from './options/session-settings.js';
import { Roster } from './roster.js';
import { Tally } from './tally.js';

export class ClientContainer extends Connecting {
  readonly #connector: Connector;

  /** `reach`: another than the door's. */
  constructor(reach: Reach | null = null) {
    const defaults = new Defaults({});
    super(defaults);
    const logger = quiet(consoleLogger);
    const owner = new Roster(new Tally(), logger);
    this.#connector = new Connector({ container: this, owner, logger, manager: null, defaults, options: {}, extensions: [], reach });
  }

  /** @internal */
  connecting(args: readonly unknown[]): Promise<Session> {
    return this.#connector.connect(args);
  }

  getInstalledExtensions(): ReadonlySet<Extension> {
    return new ReadOnlySet([extensionOf({ name: 'permessage-deflate', parameters: [] })]);
  }
}
