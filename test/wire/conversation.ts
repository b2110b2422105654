/** A conversation that has come to a certain moment, and writes down how it ends. */
import { expect } from '@jest/globals';
import {
  CloseReason,
  type ContainerOptions,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  type ServerContainer,
  ServerEndpoint,
  Session,
} from 'margay';
import { eventually, gate } from '../support/eventually.js';
import { frame, OPCODES } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { text, continuation } = OPCODES;

export const OURS = new CloseReason(CloseReason.CloseCodes.getCloseCode(4001), 'ours');

export interface Conversation {
  readonly container: ServerContainer;
  readonly session: Session;
  readonly peer: RawPeer;
  /** What @OnClose was told, each time: code and phrase. */
  readonly closes: string[];
  /** Codes of what @OnError was told. */
  readonly errors: string[];
  readonly messages: string[];
  /** How our sends have ended that were under way at that moment. */
  readonly sends: Promise<string>[];
  /** Lets the callback settle that runs. */
  letGo(): void;
}

export interface Moment {
  readonly when: string;
  /** The callback that has not settled. */
  readonly holds?: 'OnOpen' | 'OnMessage' | 'OnError';
  /** Brings the conversation there. */
  reach?(on: Conversation): Promise<void> | void;
  /** The peer is inside a message, so that its next data frame must be a continuation; or inside a frame, and has to send this first. */
  readonly inMessage?: boolean;
  readonly restOfFrame?: Buffer;
  /** More of ours waits than the kernel takes, because the peer does not read. */
  readonly isDeaf?: boolean;
  /** What the peer has got of ours meanwhile: opcode and FIN. */
  readonly ours?: readonly (readonly [opcode: number, fin: boolean])[];
  /** Messages that @OnMessage has been given, and those that wait. */
  readonly given?: readonly string[];
  readonly waiting?: readonly string[];
}

const started = frame({ opcode: text, payload: 'x'.repeat(50) });
const CUT = 20; // bytes of it
/** Twice of it is more than the kernel takes. */
const MUCH = Buffer.alloc(6_000_000);

/** What the peer has sent so far has been read. */
async function read(peer: RawPeer, before: Buffer | null = null): Promise<void> {
  const ping = frame({ opcode: OPCODES.ping, payload: 'read' });
  peer.send(...(before === null ? [] : [before]), ping);
  await peer.ponged();
}

export const MOMENTS: readonly Moment[] = [
  { when: 'during an async OnOpen', holds: 'OnOpen' },
  { when: 'while idle' },
  {
    when: 'during a running handler',
    holds: 'OnMessage',
    given: ['first'],
    reach: ({ peer }) => peer.text('first'),
  },
  {
    when: 'during a running handler, with messages behind it',
    holds: 'OnMessage',
    given: ['first'],
    waiting: ['second', 'third'],
    ours: [[OPCODES.pong, true]],
    reach: async ({ peer }) => {
      for (const each of ['first', 'second', 'third']) peer.text(each);
      await read(peer);
    },
  },
  { when: 'inside OnError', holds: 'OnError', given: ['fail'], reach: ({ peer }) => peer.text('fail') },
  {
    when: 'in the middle of a fragmented message',
    inMessage: true,
    ours: [[OPCODES.pong, true]],
    reach: ({ peer }) => read(peer, frame({ opcode: text, fin: false, payload: 'begin' })),
  },
  {
    when: 'in the middle of a frame',
    restOfFrame: started.subarray(CUT),
    ours: [[OPCODES.pong, true]],
    reach: async ({ peer }) => {
      peer.send({ opcode: OPCODES.ping, payload: 'read' }, started.subarray(0, CUT)); // in one packet
      await peer.ponged();
    },
  },
  {
    when: 'in the middle of a frame header',
    restOfFrame: started.subarray(1),
    ours: [[OPCODES.pong, true]],
    reach: async ({ peer }) => {
      peer.send({ opcode: OPCODES.ping, payload: 'read' }, started.subarray(0, 1));
      await peer.ponged();
    },
  },
  {
    when: 'while our own message is half sent',
    ours: [
      [text, false],
      [continuation, false],
    ],
    reach: async ({ peer, session }) => {
      const remote = session.getBasicRemote();
      await remote.sendText('half', false);
      await remote.sendText('more', false);
      await eventually(() => expect(peer.frames).toHaveLength(2));
    },
  },
  {
    when: 'while our queue is full, and the peer reads again',
    isDeaf: true,
    reach: ({ peer, session, sends }) => {
      peer.stopReading();
      for (let i = 0; i < 2; i++) sends.push(outcome(session.getAsyncRemote().sendBinary(MUCH)));
    },
  },
];

async function outcome(send: Promise<void>): Promise<string> {
  try {
    await send;
    return 'sent';
  } catch (error) {
    return (error as Error & { code: string }).code;
  }
}

/** A conversation that has come to the moment. */
export async function at(moment: Moment, options: ContainerOptions): Promise<Conversation> {
  const busy = gate();
  const opened = gate<Session>();
  const reached = gate();
  const [closes, errors, messages]: [string[], string[], string[]] = [[], [], []];
  const hold = (where: Moment['holds']): Promise<void> | undefined => {
    if (moment.holds !== where) return undefined;
    reached.open();
    return busy.promise;
  };

  @ServerEndpoint('/talk')
  class Talk {
    @OnOpen
    async open(session: Session): Promise<void> {
      opened.open(session);
      await hold('OnOpen');
    }

    @OnMessage
    async text(message: string): Promise<void> {
      messages.push(message);
      if (message === 'fail') throw new Error('to onError');
      if (messages.length === 1) await hold('OnMessage');
    }

    @OnError
    async error(error: Error): Promise<void> {
      if (error.message === 'to onError') return hold('OnError');
      errors.push((error as Error & { code?: string }).code ?? error.message);
    }

    @OnClose
    close(reason: CloseReason): void {
      closes.push(`${reason.getCloseCode().getCode()} ${reason.getReasonPhrase()}`);
    }
  }

  const server = await start(Talk, options);
  const peer = await RawPeer.open(server, '/talk');
  const session = await opened.promise;
  const { container } = server;
  const conversation = { container, session, peer, closes, errors, messages, sends: [], letGo: () => busy.open() };
  await moment.reach?.(conversation);
  if (moment.holds !== undefined) await reached.promise;
  return conversation;
}

/** Closed means: @OnClose has settled and the socket is gone. [D-27] */
export function isClosed(session: Session): boolean {
  try {
    session.getUserProperties();
    return false;
  } catch {
    return true;
  }
}

export const closed = (session: Session, ms = 4000): Promise<void> => eventually(() => expect(isClosed(session)).toBe(true), ms);
