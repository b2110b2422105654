/** The near side: what a servlet's `getAccess()` is in Java, a client endpoint and a promise. [EX-R2] */
import { ClientEndpoint, CloseReason, ContainerProvider, OnClose, OnError, OnMessage, OnOpen, Session } from 'margay';
import { report } from '../errors.js';

const HELLO = 'Hello';
const PATIENCE = 5000; // ms

/** One call: it is connected for one text, and has the answer to that. */
@ClientEndpoint
class AccessClient {
  readonly answer: Promise<string>;
  /** The answers that are still to come, in their order; what else arrives was said by others. */
  readonly #expected: string[];
  #resolve!: (answer: string) => void;
  #reject!: (error: Error) => void;

  constructor(access: string) {
    this.#expected = [HELLO, access].map((text) => `Got your message (${text}).Thanks !`);
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer.catch(() => {}); // whoever cannot even connect never awaits it
  }

  @OnOpen
  async open(session: Session): Promise<void> {
    await session.getBasicRemote().sendText(HELLO);
  }

  /** All calls share a name on the remote, so the newest of them also gets what the others say. */
  @OnMessage
  text(text: string): void {
    if (text !== this.#expected[0]) return;
    this.#expected.shift();
    if (this.#expected.length === 0) this.#resolve(text);
  }

  @OnClose
  close(reason: CloseReason): void {
    this.fail(new Error(`the remote side closed the connection without an answer: ${reason}`));
  }

  @OnError
  failed(error: Error): void {
    report('AccessClient', error); // the connection closes, or the answer is still to come
  }

  /** Does nothing once the answer is there. */
  fail(error: Error): void {
    this.#reject(error);
  }
}

/** Asks the remote side. */
export class Access {
  readonly #container = ContainerProvider.getWebSocketContainer();
  readonly #url: string;
  readonly #timeout: number;

  /**
   * @param port of the remote side
   * @param timeout ms for the connection and the answer together
   */
  constructor(port = 8095, timeout = PATIENCE) {
    this.#url = `ws://localhost:${port}//testWebsocket/websocket/userSever/8080`; // the two slashes are the original's [URI-17]
    this.#timeout = timeout;
  }

  /**
   * Connects, says Hello and `access`, and resolves with the answer to `access`; the connection is closed then, whatever came of it.
   * Rejects with a DeploymentException when it cannot connect (the cause is node's error), else with an Error that says why.
   */
  async getAccess(access: string): Promise<string> {
    const client = new AccessClient(access);
    const timer = setTimeout(() => client.fail(new Error(`no answer within ${this.#timeout} ms`)), this.#timeout);
    const connecting = this.#container.connectToServer(client, this.#url, { timeout: this.#timeout });
    const sending = connecting.then((session) => session.getBasicRemote().sendText(access));
    try {
      return await Promise.race([client.answer, sending.then(() => client.answer)]);
    } finally {
      clearTimeout(timer);
      connecting.then((session) => session.close()).catch(() => {}); // also one that opens when it is too late
    }
  }
}
