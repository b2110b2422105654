/** `margay serve` is told to end while it is busy. [REL-16, D-32] */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ask } from '../support/ask.js';
import { margay } from '../support/command.js';
import { folder } from '../support/folder.js';
import { RawPeer } from '../support/raw-peer.js';

/** The 10 s of `shutdownTimeout` are half a second here; the container asks for a timer of that length when it drains. */
const BUSY = `
import { OnClose, OnMessage, OnOpen, ServerEndpoint, ServerEndpointConfig, closeReason, session, text } from 'margay';
import { appendFileSync } from 'node:fs';
const { setTimeout: wait } = globalThis;
globalThis.setTimeout = (run, ms, ...more) => wait(run, ms === 10_000 ? 500 : ms, ...more);
const never = () => new Promise(() => {});
const on = (type, decorator, key) => decorator(type.prototype, key, Object.getOwnPropertyDescriptor(type.prototype, key));
const told = (name, reason) => appendFileSync(process.env.TOLD, name + ' ' + reason.getCloseCode().getCode() + '\\n');
setInterval(() => {}, 1000); // keeps the process for itself

export class Stream {
  open(own) { void this.send(own); }
  close(reason) { told('Stream', reason); }
  async send(own) {
    while (own.isOpen()) {
      await own.getAsyncRemote().sendText('x'.repeat(10_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
on(Stream, OnOpen(session), 'open');
on(Stream, OnClose(closeReason), 'close');
ServerEndpoint('/stream')(Stream);

export class Hang {
  text() { return never(); }
  close(reason) { told('Hang', reason); return never(); }
}
on(Hang, OnMessage(text), 'text');
on(Hang, OnClose(closeReason), 'close');
ServerEndpoint('/hang')(Hang);

class Undecided extends ServerEndpointConfig.Configurator {
  checkOrigin() { return never(); }
}
export class Hook {}
ServerEndpoint({ value: '/hook', configurator: Undecided, hookTimeout: 60_000 })(Hook);
`;

it.each(['SIGTERM', 'SIGINT'] as const)(
  '[REL-16] %s under load, and again: 503 for who comes, 1001 for who is there, every @OnClose, exit code 0',
  async (signal) => {
    const cwd = folder({ 'busy.mjs': BUSY, told: '' });
    const run = margay(['serve', 'busy.mjs', '--port', '0', '--host', '127.0.0.1'], { cwd, env: { TOLD: join(cwd, 'told') } });
    const address = { port: Number(new URL(await run.url('Stream')).port) };
    const open = (path: string) => Promise.all([1, 2, 3].map(() => RawPeer.open(address, path)));
    const [streams, deaf, hangs] = [await open('/stream'), await open('/stream'), await open('/hang')];
    for (const peer of deaf) peer.stopReading();
    for (const peer of hangs) peer.text('hang');
    const undecided = RawPeer.ask(address, '/hook');
    await Promise.all(streams.map((peer) => peer.received(5)));

    run.child.kill(signal);
    const { status, headers, body } = await undecided.response();
    expect([status, headers.get('retry-after'), body]).toEqual([503, ['5'], 'The server is shutting down. [MARGAY_DRAINING]']);
    const late = await ask(address, { target: '/stream' });
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, ['5']]);
    run.child.kill(signal);
    for (const peer of streams) expect(await peer.closeFrame()).toMatchObject({ code: 1001 });
    expect(await run.ended).toBe(0);

    const lines = readFileSync(join(cwd, 'told'), 'utf8').trim().split('\n').sort();
    expect(lines).toEqual([...Array(3).fill('Hang 1001'), ...Array(6).fill('Stream 1001')]);
    const stuck = run.err().filter((line) => line.startsWith('margay warn MARGAY_ABANDONED_CALLBACK Hang.text() has not settled after'));
    expect(stuck).toHaveLength(3);
  },
);
