/** Connects with a browser's own WebSocket. */
import type { Call, DialError, Dialer, Reply } from '../dialer.js';
import { BrowserReply } from './browser-reply.js';
import { type Closed, nothing, type Socket, type SocketClass } from './socket.js';

const LONGEST = 2 ** 31 - 1; // ms; for more a timer fires at once

/** Of a call it heeds the uri, the subprotocols, the timeout and the signal: the rest is the browser's. */
export class BrowserDialer implements Dialer {
  readonly #class: SocketClass;

  constructor(socketClass: SocketClass) {
    this.#class = socketClass;
  }

  /** `timeout` is for all of it: a browser shows no steps. */
  dial({ uri, subprotocols, timeout, signal }: Call): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let socket: Socket;
      try {
        socket = new this.#class(uri.href, [...subprotocols]);
      } catch (cause) {
        return reject(new Failed('the browser refuses to connect', { cause }));
      }
      socket.binaryType = 'arraybuffer';
      const leave = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
      };
      const fail = (error: unknown) => {
        leave();
        socket.onopen = nothing;
        socket.onclose = nothing;
        socket.close();
        reject(error);
      };
      const giveUp = () => fail(signal.reason);
      const timer = setTimeout(() => fail(new Failed('', {}, true)), Math.min(timeout, LONGEST));
      signal.addEventListener('abort', giveUp);
      socket.onerror = nothing;
      socket.onclose = (event) => fail(new Failed(wordsOf(event)));
      socket.onopen = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        const drop = () => reply.drop();
        const reply = new BrowserReply(socket, () => signal.removeEventListener('abort', drop));
        signal.addEventListener('abort', drop);
        resolve(reply);
      };
    });
  }
}

class Failed extends Error implements DialError {
  readonly step = 'connect';
  readonly isTimeout: boolean;

  constructor(message: string, options: ErrorOptions = {}, isTimeout = false) {
    super(isTimeout ? 'the server has not answered in time' : message, options);
    this.isTimeout = isTimeout;
  }
}

const wordsOf = ({ code, reason }: Closed) =>
  `the browser could not connect (close code ${code}${reason === '' ? '' : `, ${reason}`}); it tells a page nothing more, look into its console`;
