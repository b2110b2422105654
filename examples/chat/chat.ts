/** A chat for everybody who opens the page; on the wire it is Tomcat's, so a page written for that one works too. */
import { OnClose, OnError, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { report } from '../errors.js';
import { escapeHtml } from './escape-html.js';
import { type Guest, Room } from './room.js';

const room = new Room();
let arrivals = 0;

@ServerEndpoint('/websocket/chat')
export class ChatAnnotation {
  readonly #name = `Guest${arrivals++}`; // an instance is a connection, so the instances are the guests [EX-C1]
  #guest!: Guest;

  @OnOpen
  open(session: Session): void {
    this.#guest = room.enter(this.#name, session);
  }

  /** Whoever talks waits until they have heard themselves: nobody talks faster than the room can listen. */
  @OnMessage
  say(text: string): Promise<void> {
    room.tell(`${this.#name}: ${escapeHtml(text)}`);
    return this.#guest.lines.idle();
  }

  @OnClose
  close(): void {
    room.leave(this.#guest);
  }

  @OnError
  failed(error: Error): void {
    report('ChatAnnotation', error);
  }
}
