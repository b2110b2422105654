/** An engine without sockets, and requests for it: the test is the wire. */
import type { Gate, Offer, Transport } from 'margay/spi';

export class Wireless implements Transport {
  readonly address = null;
  gate: Gate | undefined;
  start(gate: Gate): void {
    this.gate = gate;
  }
  async stop(): Promise<void> {}
}

const CORRECT: readonly (readonly [string, string])[] = [
  ['host', 'localhost'],
  ['upgrade', 'websocket'],
  ['connection', 'upgrade'],
  ['sec-websocket-version', '13'],
  ['sec-websocket-key', 'x3JJHMbDL1EzLkh9GBhXDw=='],
];

/** How such a request is answered; `tell` hears of it at that moment. */
export function answered(
  gate: Gate,
  target: string,
  extra: readonly (readonly [string, readonly string[]])[],
  tell: (status: string) => void = () => {},
): Promise<string> {
  return new Promise((resolve) => {
    const settle = (status: string) => {
      tell(status);
      resolve(status);
    };
    const headers = new Map<string, readonly string[]>([...CORRECT.map(([name, value]) => [name, [value]] as const), ...extra]);
    const offer: Offer = {
      method: 'GET',
      target,
      httpVersion: '1.1',
      secure: false,
      shared: false,
      rawHeaders: [],
      headers,
      peer: { address: '127.0.0.1', port: 1 },
      local: { address: '127.0.0.1', port: 2 },
      accept: () => settle('101'), // and the peer has left
      decline: (status) => settle(String(status)),
      onAborted() {},
    };
    if (!gate.offer(offer)) resolve('nobody');
  });
}
