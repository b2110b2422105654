/** What can happen to a session: to the model of it, and to a real one. */
import { expect, jest } from '@jest/globals';
import fc from 'fast-check';
import type { ClosingModel, How } from './closing-model.js';
import { calm, type Rehearsal } from './rehearsal.js';

/** Claims that hold after whatever has happened. */
export function agree(model: ClosingModel, real: Rehearsal): void {
  expect(real.heard).toEqual(model.heard);
  expect(real.channel.calls).toEqual(model.calls);
  expect({
    isOpen: real.session.isOpen(),
    inRegistry: real.inRegistry,
    state: real.connection.state,
    isGone: real.channel.isGone,
    isClosing: real.channel.isClosing,
    ended: real.ended,
    closed: real.closed,
    kept: real.closes.kept,
  }).toEqual({
    isOpen: model.isOpen,
    inRegistry: model.isOpen,
    state: model.isOpen ? 'open' : model.isClosed ? 'closed' : 'closing',
    isGone: model.isGone,
    isClosing: model.frame !== null,
    ended: model.isEnded ? 1 : 0,
    closed: model.isClosed ? 1 : 0,
    kept: model.isFlushed ? real.closes.asked : 0,
  });
}

class Happening implements fc.AsyncCommand<ClosingModel, Rehearsal> {
  readonly #name: string;
  readonly #can: (model: ClosingModel) => boolean;
  readonly #act: (model: ClosingModel, real: Rehearsal) => unknown;

  constructor(name: string, can: (model: ClosingModel) => boolean, act: (model: ClosingModel, real: Rehearsal) => unknown) {
    this.#name = name;
    this.#can = can;
    this.#act = act;
  }

  check(model: ClosingModel): boolean {
    return this.#can(model);
  }

  async run(model: ClosingModel, real: Rehearsal): Promise<void> {
    await this.#act(model, real);
    await calm();
    agree(model, real);
  }

  toString(): string {
    return this.#name;
  }
}

const always = () => true;
const peerSpeaks = (model: ClosingModel) => !model.isPeerDone && !model.isGone;
const alive = (model: ClosingModel) => !model.isGone;

let count = 0;
const message = (how: How) =>
  new Happening(`the peer sends a message, its handler: ${how}`, peerSpeaks, (model, real) => {
    const text = `m${count++}`;
    model.message(text, how);
    real.message(text, how);
  });

const closes = (code: number) =>
  new Happening(
    `close(${code})`,
    (model) => !model.isClosed,
    (model, real) => {
      const heard = real.heard.length;
      expect(real.close(code, 'ours')).toBe(model.closes(code, 'ours'));
      expect(real.heard).toHaveLength(heard); // never on the stack of whoever closes [CLO-10]
    },
  );

const send = new Happening(
  'a send',
  (model) => !model.isClosed,
  async (model, real) => {
    const { refused } = real.sends;
    model.send('hello');
    const isSending = model.isSending;
    real.send('hello');
    await calm();
    expect(real.sends.refused - refused).toBe(isSending ? 0 : 1);
  },
);

const peerCloses = (code: number, phrase: string) =>
  new Happening(`the peer closes with ${code}`, peerSpeaks, (model, real) => {
    model.peerCloses(code, phrase);
    real.connection.onClosing(code, phrase);
  });

const breaks = (code: 1002 | 1007 | 1009, isInflate: boolean) =>
  new Happening(`the stream breaks: ${code}${isInflate ? ', zlib' : ''}`, peerSpeaks, (model, real) => {
    model.breaks(code, isInflate, 'bad bytes');
    real.connection.onFailed(code, Object.assign(new Error('bad bytes'), isInflate ? { code: 'Z_DATA_ERROR' } : {}));
  });

const vanishes = (isError: boolean) =>
  new Happening(isError ? 'a reset' : 'the socket is gone', alive, (model, real) => {
    model.vanishes(isError);
    real.channel.vanish(isError ? Object.assign(new Error('reset'), { code: 'ECONNRESET' }) : undefined);
  });

const settles = (isBad: boolean) =>
  new Happening(
    isBad ? 'the callback fails' : 'the callback settles',
    (model) => model.running !== null && !(isBad && model.running.what === 'release'),
    (model, real) => {
      model.settles(isBad);
      real.settle(isBad);
    },
  );

const passes = (ms: number) => new Happening(`${ms} ms pass`, always, (model) => pass(model, ms));

/** Lets time pass for both, from one moment at which something is due to the next. */
export async function pass(model: ClosingModel, ms: number): Promise<void> {
  const until = model.now + ms;
  do {
    const next = Math.min(model.due, until);
    jest.advanceTimersByTime(next - model.now);
    model.advance(next);
    await calm();
  } while (model.now < until);
}

const rest = [
  send,
  new Happening('the peer ends', peerSpeaks, (model, real) => {
    model.peerEnds();
    real.connection.onEnded();
  }),
  new Happening(
    'the close frame leaves',
    ({ frame }) => frame !== null,
    (model, real) => {
      model.frameLeaves();
      real.channel.settle();
    },
  ),
  new Happening(
    'the close frame cannot leave',
    ({ frame }) => frame !== null,
    (model, real) => {
      model.frameFails();
      real.channel.settle(new Error('broken pipe'));
    },
  ),
  new Happening(
    'a callback that was given up settles after all',
    ({ abandoned }) => abandoned > 0,
    (model, real) => {
      model.abandoned--;
      real.settleLate(count++ % 2 === 0);
    },
  ),
  new Happening('the server shuts down', alive, (model, real) => {
    model.shutdown();
    real.connection.shutdown();
  }),
  new Happening(
    'the container waits no longer for callbacks',
    (model) => !model.isOpen,
    (model, real) => {
      model.abandon();
      real.connection.abandon();
    },
  ),
  new Happening('the idle timeout', alive, (model, real) => {
    model.fails(1001, `session ${real.session.getId()} had no traffic for 5 ms`);
    real.connection.fellSilent('traffic', 5);
  }),
  new Happening('a send expires', alive, (model, real) => {
    model.expires('too long');
    real.connection.sendExpired(new Error('too long'));
  }),
  new Happening('a send stalls', alive, (model, real) => {
    model.fails(1001, 'stalled', 'stalled');
    real.connection.sendStalled(new Error('stalled'));
  }),
];

const HOWS: readonly How[] = ['at once', 'slow', 'throws', 'closes', 'closes and throws'];
const of = (...happenings: Happening[]) => fc.constantFrom(...happenings);

/** What waits behind a slow callback is where the order matters, so there are many of them. */
export const happenings = [
  ...HOWS.map((how) => of(message(how))),
  of(message('slow')),
  of(message('slow')),
  of(peerCloses(4001, 'theirs')),
  of(vanishes(true)),
  of(...[1000, 1001, 3000, 4999, 1005, 1006].map(closes)),
  of(...[1004, 1015, 2999].map(closes)),
  of(peerCloses(1000, 'bye'), peerCloses(4001, 'theirs'), peerCloses(1005, '')),
  of(breaks(1002, false), breaks(1007, false), breaks(1009, false), breaks(1002, true)),
  of(vanishes(true), vanishes(false)),
  of(settles(false)),
  of(settles(true)),
  of(...[1, 49, 50, 199, 200, 500, 999, 1000].map(passes)),
  ...rest.map((each) => of(each)),
];
