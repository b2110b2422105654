/** An endpoint that writes down what each of its sessions is told, so that one server serves a whole table. */
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { eventually } from '../support/eventually.js';
import { type RawAddress, type RawOptions, RawPeer } from '../support/raw-peer.js';
import { type Started, start } from '../support/start.js';

/** What one session was told, in order: messages, then codes of errors and of @OnClose. */
export interface Told {
  readonly session: Session;
  readonly texts: string[];
  readonly binaries: Buffer[];
  /** The codes of errors (their words, if they have none), and those of close reasons. */
  readonly ends: (string | number)[];
  reason: CloseReason | null;
}

export interface Diary extends Started {
  /** By what stands behind `?id=` in the path: all that have opened. */
  readonly all: ReadonlyMap<string, Told>;
  /** A peer, and what its session is told; `by` is where it connects to, if not to the server itself. */
  meet(options?: RawOptions, by?: RawAddress): Promise<{ readonly peer: RawPeer; readonly told: Told }>;
}

/** Text is echoed; binary is counted. */
export async function withDiary(options: Parameters<typeof start>[1] = {}): Promise<Diary> {
  const all = new Map<string, Told>();
  const toldOf = (session: Session): Told => {
    const id = session.getRequestParameterMap().get('id')?.[0] as string;
    let told = all.get(id);
    if (told === undefined) {
      told = { session, texts: [], binaries: [], ends: [], reason: null };
      all.set(id, told);
    }
    return told;
  };

  @ServerEndpoint('/diary')
  class DiaryEndpoint {
    @OnOpen
    open(session: Session): void {
      toldOf(session);
    }

    @OnMessage
    text(message: string, session: Session): string {
      toldOf(session).texts.push(message);
      return message;
    }

    @OnMessage
    binary(message: Buffer, session: Session): void {
      toldOf(session).binaries.push(message);
    }

    @OnError
    error(error: Error, session: Session): void {
      toldOf(session).ends.push((error as Error & { code?: string }).code ?? error.message);
    }

    @OnClose
    close(reason: CloseReason, session: Session): void {
      const told = toldOf(session);
      told.reason = reason;
      told.ends.push(reason.getCloseCode().getCode());
    }
  }

  const started = await start(DiaryEndpoint, options);
  let peers = 0;
  const meet = async (how: RawOptions = {}, by: RawAddress = started) => {
    const id = String(++peers);
    const peer = await RawPeer.open(by, `/diary?id=${id}`, how);
    const told = await eventually(() => all.get(id) ?? Promise.reject(new Error(`session ${id} has not opened`)));
    return { peer, told };
  };
  return { ...started, all, meet };
}

/** Waits until the session has heard so much about its end. */
export async function heard(told: Told, count: number): Promise<(string | number)[]> {
  await eventually(() => {
    if (told.ends.length < count) throw new Error(`heard ${JSON.stringify(told.ends)}, ${count} expected`);
  });
  return told.ends;
}
