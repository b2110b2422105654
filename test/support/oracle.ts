/** ws's Receiver as the judge of what a stream of frames says. */
import { setImmediate as turn } from 'node:timers/promises';
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

export async function judge(chunks: readonly Buffer[], { isServer, deflate }: OracleOptions): Promise<Event[]> {
  const events: Event[] = [];
  let extension: { accept(offers: object[]): void; cleanup(): void } | undefined;
  if (deflate !== undefined) {
    extension = new PerMessageDeflate({ isServer, maxPayload: 0 });
    const parameters = deflate.noContextTakeover ? { server_no_context_takeover: [true], client_no_context_takeover: [true] } : {};
    extension.accept([parameters]);
  }
  const receiver = new Receiver({ isServer, maxPayload: 0, ...(extension && { extensions: { 'permessage-deflate': extension } }) });
  let over = false;
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    events.push(isBinary ? ['binary', data.toString('hex')] : ['text', data.toString()]),
  );
  receiver.on('ping', (data: Buffer) => events.push(['ping', data.toString('hex')]));
  receiver.on('pong', (data: Buffer) => events.push(['pong', data.toString('hex')]));
  receiver.on('conclude', (code: number, reason: Buffer) => {
    events.push(['closing', code, reason.toString()]);
    over = true;
  });
  receiver.on('error', (error: Error & Record<symbol, number>) => {
    if (over) return;
    over = true;
    const status = Object.getOwnPropertySymbols(error).find((symbol) => symbol.description === 'status-code');
    events.push(['failed', status === undefined ? 0 : error[status]]);
  });
  for (const chunk of chunks) {
    if (over) break;
    await new Promise<void>((resolve) => {
      let settled = false;
      const settle = (): void => {
        settled = true;
        resolve();
      };
      receiver.write(Buffer.from(chunk), settle);
      if (!settled && deflate === undefined) resolve();
    });
  }
  await turn(); // errors come a tick later
  extension?.cleanup();
  return events;
}
