/** ws's Receiver as the judge of what a stream of frames says. */
import { Buffer } from 'node:buffer';
import * as ws from 'ws';
import type { Event } from './recorder.js';

interface Receiver {
  on(event: string, listener: (...args: any[]) => void): void;
  write(chunk: Buffer, callback: (error?: Error | null) => void): boolean;
}

const { Receiver, PerMessageDeflate } = ws as unknown as {
  Receiver: new (options: object) => Receiver;
  PerMessageDeflate: new (options: object) => { accept(offers: object[]): void; cleanup(): void };
};

export interface OracleOptions {
  readonly isServer: boolean;
  readonly deflate?: { readonly noContextTakeover: boolean };
}

export interface Judgement {
  readonly events: readonly Event[];
  /** It has read all it will read. */
  readonly isOver: boolean;
}

/** Begins to judge; what is compressed, and why a stream failed, is known a few turns later. */
export function judge(chunks: readonly Buffer[], { isServer, deflate }: OracleOptions): Judgement {
  const events: Event[] = [];
  const judgement = { events, isOver: false };
  let extension: { accept(offers: object[]): void; cleanup(): void } | undefined;
  if (deflate !== undefined) {
    extension = new PerMessageDeflate({ isServer, maxPayload: 0 });
    const parameters = deflate.noContextTakeover ? { server_no_context_takeover: [true], client_no_context_takeover: [true] } : {};
    extension.accept([parameters]);
  }
  const end = (): void => {
    if (!judgement.isOver) extension?.cleanup();
    judgement.isOver = true;
  };
  const receiver = new Receiver({ isServer, maxPayload: 0, ...(extension && { extensions: { 'permessage-deflate': extension } }) });
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    events.push(isBinary ? ['binary', data.toString('hex')] : ['text', data.toString()]),
  );
  receiver.on('ping', (data: Buffer) => events.push(['ping', data.toString('hex')]));
  receiver.on('pong', (data: Buffer) => events.push(['pong', data.toString('hex')]));
  receiver.on('conclude', (code: number, reason: Buffer) => {
    events.push(['closing', code, reason.toString()]);
    end();
  });
  receiver.on('error', (error: Error & Record<symbol, number>) => {
    if (judgement.isOver) return; // what was written behind a close frame
    const status = Object.getOwnPropertySymbols(error).find((symbol) => symbol.description === 'status-code');
    events.push(['failed', status === undefined ? 0 : error[status]]);
    end();
  });
  let written = 0;
  // One at a time: what node has buffered it gives to a writable that has failed, too.
  const next = (error?: Error | null): void => {
    if (error || judgement.isOver) return; // 'error' tells
    if (written === chunks.length) end();
    else receiver.write(Buffer.from(chunks[written++] as Buffer), next);
  };
  next();
  return judgement;
}
