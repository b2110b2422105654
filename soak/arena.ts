/** The soak's own endpoints, beside the examples: each tells which of its sessions has closed, and how. */
import { CloseReason, OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';

const ASKED = CloseReason.CloseCodes.getCloseCode(4001);
const ignore = (): void => {};

/** What a client calls itself: `?id=`. */
const idOf = (session: Session): string => session.getRequestParameterMap().get('id')?.[0] ?? '';

/** Called at every @OnClose. */
let tell: (id: string, code: number) => void = () => {};

export function onEachClose(listener: typeof tell): void {
  tell = listener;
}

/**
 * A broadcast that waits for nobody, to readers good and bad: all get what was said, made as long as it says. Nobody is pinged, so
 * that who reads nothing is cut for being slow, and not for being silent. [REL-10, REL-11]
 */
@ServerEndpoint({ value: '/storm', heartbeat: false })
export class Storm {
  @OnMessage
  blow(said: string, session: Session): void {
    const news = said.padEnd(Number.parseInt(said, 10), 'x');
    for (const each of session.getOpenSessions()) each.getAsyncRemote().sendText(news).catch(ignore);
  }

  @OnClose
  close(session: Session, reason: CloseReason): void {
    tell(idOf(session), reason.getCloseCode().getCode());
  }

  @OnError
  failed(_error: Error): void {}
}

/** Echo, to clients that vanish, half-close, or never answer. */
@ServerEndpoint('/watched')
export class Watched {
  #opens = 0;

  @OnOpen
  open(): void {
    this.#opens++;
  }

  @OnMessage
  text(message: string, session: Session): string | undefined {
    if (message !== 'close') return message;
    void session.close(new CloseReason(ASKED, 'asked to'));
    return undefined;
  }

  /** An instance that was opened twice, or never, says a code that no client expects. */
  @OnClose
  close(session: Session, reason: CloseReason): void {
    tell(idOf(session), this.#opens === 1 ? reason.getCloseCode().getCode() : -1);
  }

  @OnError
  failed(_error: Error): void {}
}
