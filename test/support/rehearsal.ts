/** A real Connection over a fake channel, its endpoint's callbacks as a scenario says. */
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { CloseReason, type Session } from 'margay';
import { Defaults } from '../../src/container/options/session-settings.js';
import { EndpointOptions } from '../../src/container/options/settings.js';
import { Connection } from '../../src/runtime/connection.js';
import type { Handler, MessageHandler, Opening } from '../../src/runtime/plan.js';
import { type How, type Scenario, TIMES } from './closing-model.js';
import { gate } from './eventually.js';
import { FakeChannel } from './fake-channel.js';

const settings = new EndpointOptions(
  {
    closeTimeout: TIMES.close,
    abnormalCloseSendTimeout: TIMES.abnormal,
    lingerTimeout: TIMES.linger,
    stuckCallbackAfter: 0,
    heartbeat: false,
  },
  new Defaults({}),
  {},
).session;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

type Slow = ReturnType<typeof gate<void>>;

function settleOne(slow: Slow | undefined, isBad: boolean): void {
  if (isBad) slow?.fail(new Error('boom'));
  else slow?.open();
}

export class Rehearsal {
  readonly heard: string[] = [];
  /** How many promises of close() have come, of how many. */
  readonly closes = { asked: 0, kept: 0 };
  readonly sends = { asked: 0, refused: 0 };
  ended = 0;
  closed = 0;
  inRegistry = false;
  readonly channel: FakeChannel;
  readonly connection: Connection;
  /** Callbacks that take their time, in the order of their calls; the last is the one that is waited for, if one is. */
  readonly #slow: Slow[] = [];
  readonly #scenario: Scenario;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.channel = new FakeChannel(scenario.failsFirst);
    this.connection = new Connection(this.channel, this.#opening());
    this.channel.listener = this.connection;
    this.connection.onOpened();
  }

  get session(): Session {
    return this.connection.session;
  }

  message(text: string, how: How): void {
    const { mode } = this.connection.intake('text');
    if (mode === 'whole') this.connection.onText(`${text}:${how}`);
  }

  close(code: number, phrase: string): boolean {
    try {
      const promise = this.session.close(new CloseReason({ getCode: () => code }, phrase));
      this.closes.asked++;
      promise.then(() => this.closes.kept++);
      return true;
    } catch {
      return false;
    }
  }

  send(text: string): void {
    this.sends.asked++;
    this.session
      .getBasicRemote()
      .sendText(text)
      .catch(() => this.sends.refused++);
  }

  /** The callback that is waited for. */
  settle(isBad: boolean): void {
    settleOne(this.#slow.pop(), isBad);
  }

  /** One that is not waited for any more. */
  settleLate(isBad: boolean): void {
    settleOne(this.#slow.shift(), isBad);
  }

  #act(line: string, how: How): Promise<void> | undefined {
    this.heard.push(line);
    if (how.startsWith('closes')) this.close(4000, 'own');
    if (how.endsWith('throws')) throw new Error('boom');
    if (how !== 'slow') return undefined;
    const callback = gate();
    this.#slow.push(callback);
    return callback.promise;
  }

  #opening(): Opening {
    const scenario = this.#scenario;
    const handler = (member: string, run: (event: any) => unknown): Handler => ({
      member,
      invoke: (_endpoint, _view, event) => run(event),
      reads: [],
    });
    const text: MessageHandler = {
      ...handler('text', (message: string) => {
        const [what, how] = message.split(':') as [string, How];
        return this.#act(`message ${what}`, how);
      }),
      form: 'whole',
      maxMessageSize: -1,
    };
    return {
      plan: {
        name: 'Rehearsed',
        open: handler('open', () => this.#act('open', scenario.open)),
        receivers: [{ member: 'text', text, binary: null, pong: null }],
        close: handler('close', (reason: CloseReason) =>
          this.#act(`close ${reason.getCloseCode().getCode()} ${reason.getReasonPhrase()}`, scenario.close),
        ),
        error: handler('error', (error: Error & { code?: string }) =>
          this.#act(`error ${WORDS[error.code ?? ''] ?? error.message}`, scenario.error),
        ),
        encoders: [],
        values: [],
        adapt: () => {
          throw new Error('nothing is added');
        },
      },
      endpoint: {},
      config: { getUserProperties: () => new Map() } as unknown as Opening['config'],
      properties: null,
      encoders: [],
      decoders: [],
      container: {} as Opening['container'],
      registry: {
        add: () => {
          this.inRegistry = true;
        },
        delete: () => {
          this.inRegistry = false;
        },
        sessions: () => new Set(),
      },
      settings,
      logger: silent,
      owner: {
        opened() {},
        ended: () => {
          this.ended++;
        },
        closed: () => {
          this.closed++;
        },
        erred() {},
        slowPeer() {},
      },
      belongings: { release: () => this.#act('release', scenario.release) },
      place: { free() {} },
      away: null,
      request: {
        uri: `ws://host/${randomUUID()}`,
        queryString: null,
        secure: false,
        pathParameters: new Map(),
        subprotocol: '',
        extensions: [],
        principal: null,
      },
    };
  }
}

/** The errors that are the container's own, by their codes. */
const WORDS: Record<string, string> = {
  MARGAY_CONNECTION_LOST: 'lost',
  MARGAY_SEND_FAILED: 'unsent',
  MARGAY_PROTOCOL: 'broken',
  MARGAY_UTF8: 'broken',
  MARGAY_TOO_BIG: 'broken',
};

/** Everything that waits for nothing has happened. */
export const calm = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Only timers are in the test's hands: what settles, settles as ever. */
export function takeTheClock(): void {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] });
}
