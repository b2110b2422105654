/** Who is in the chat, and how a line reaches them all. */
import type { Session } from 'margay';
import { Backlog } from './backlog.js';

/** One open page. */
export class Guest {
  readonly name: string;
  readonly session: Session;
  readonly lines: Backlog;

  constructor(name: string, session: Session) {
    const remote = session.getBasicRemote();
    this.name = name;
    this.session = session;
    this.lines = new Backlog((line) => remote.sendText(line));
  }
}

export class Room {
  readonly #guests = new Set<Guest>();

  /** The newcomer reads of it too. [EX-C2] */
  enter(guest: Guest): void {
    this.#guests.add(guest);
    this.tell(`* ${guest.name} has joined.`);
  }

  /** Announced for one that was lost before as well: Tomcat's chat writes both lines. [EX-C4] */
  leave(guest: Guest): void {
    this.#guests.delete(guest);
    this.tell(`* ${guest.name} has disconnected.`);
  }

  /** Waits for nobody: each guest has a backlog of its own, and a slow one holds up no other. */
  tell(line: string): void {
    for (const guest of this.#guests) guest.lines.add(line).catch(() => this.#lost(guest));
  }

  /** Several lines may fail at once; the first to say so counts. [EX-C4] */
  #lost(guest: Guest): void {
    if (!this.#guests.delete(guest)) return;
    void guest.session.close();
    this.tell(`* ${guest.name} has been disconnected.`);
  }
}
