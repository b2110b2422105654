/** Who is in the chat, and how a line reaches them all. */
import type { Session } from 'margay';
import { Backlog } from './backlog.js';

/** One open page. */
export class Guest {
  readonly name: string;
  readonly lines: Backlog;
  readonly #session: Session;

  /** @param lost called when a line could not be sent */
  constructor(name: string, session: Session, lost: (guest: Guest) => void) {
    const remote = session.getBasicRemote();
    this.name = name;
    this.lines = new Backlog(
      (line) => remote.sendText(line),
      () => lost(this),
    );
    this.#session = session;
  }

  dismiss(): void {
    void this.#session.close();
  }
}

export class Room {
  readonly #guests = new Set<Guest>();

  /** The newcomer reads of it too. [EX-C2] */
  enter(name: string, session: Session): Guest {
    const guest = new Guest(name, session, (lost) => this.#putOut(lost));
    this.#guests.add(guest);
    this.tell(`* ${name} has joined.`);
    return guest;
  }

  leave(guest: Guest): void {
    this.#guests.delete(guest);
    this.tell(`* ${guest.name} has disconnected.`);
  }

  /** Waits for nobody: each guest has a backlog of its own, and a slow one holds up no other. */
  tell(line: string): void {
    for (const guest of this.#guests) guest.lines.add(line);
  }

  /** Besides the line of its leaving, before or after which this comes: Tomcat's chat writes both. [EX-C4] */
  #putOut(guest: Guest): void {
    this.#guests.delete(guest);
    guest.dismiss();
    this.tell(`* ${guest.name} has been disconnected.`);
  }
}
