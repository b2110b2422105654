/** One HTTP request written by hand, and what the server says to it. */
import { RawPeer, type RawResponse } from './raw-peer.js';

export interface Question {
  readonly method?: string;
  readonly target?: string;
  /** `1.1` … */
  readonly version?: string;
  /** Instead of a correct upgrade's line of that name, or beside them; null: no such line. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly secure?: boolean;
}

/** The lines of a correct upgrade, in order. */
const CORRECT: Readonly<Record<string, string>> = {
  Host: 'localhost',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'x3JJHMbDL1EzLkh9GBhXDw==',
};

/** A request that a listening or attached container may take for an upgrade. */
export function written({ method = 'GET', target = '/talk', version = '1.1', headers = {} }: Question): string {
  const all: Record<string, string | readonly string[] | null> = { ...CORRECT, ...headers };
  const lines = Object.entries(all).flatMap(([name, values]) => [values ?? []].flat().map((value) => `${name}: ${value}`));
  return [`${method} ${target} HTTP/${version}`, ...lines, '', ''].join('\r\n');
}

/** Asks, and leaves once the answer is there. */
export async function ask({ port }: { readonly port: number }, question: Question = {}): Promise<RawResponse> {
  const peer = await RawPeer.connect({ port, secure: question.secure ?? false });
  try {
    peer.send(written(question));
    return await peer.response();
  } finally {
    peer.reset();
  }
}
