/** `margay serve` is told to end while it is busy. [REL-16, D-32] */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import { ask } from '../support/ask.js';
import { margay } from '../support/command.js';
import { eventually } from '../support/eventually.js';
import { folder } from '../support/folder.js';
import { RawPeer } from '../support/raw-peer.js';

/** The 10 s of `shutdownTimeout` are one second here; the container asks for a timer of that length when it drains. */
const BUSY = `
import { OnClose, OnMessage, OnOpen, ServerEndpoint, ServerEndpointConfig, closeReason, session, text } from 'margay';
import { appendFileSync } from 'node:fs';
const { setTimeout: wait } = globalThis;
globalThis.setTimeout = (run, ms, ...more) => wait(run, ms === 10_000 ? 1000 : ms, ...more);
const never = () => new Promise(() => {});
const on = (type, decorator, key) => decorator(type.prototype, key, Object.getOwnPropertyDescriptor(type.prototype, key));
const tell = (...words) => appendFileSync(process.env.TOLD, words.join(' ') + '\\n');
const told = (name, reason) => tell(name, reason.getCloseCode().getCode());
setInterval(() => {}, 1000); // keeps the process for itself

export class Stream {
  open(own) {
    this.send(own).catch(() => {}); // a send that has not left when the session's time is over
  }
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

export class Flood {
  text(_, own) {
    own.getAsyncRemote().sendBinary(Buffer.alloc(16 * 2 ** 20)).catch(({ code }) => tell('Flood', code));
    tell('Flood sends');
  }
  close(reason) { told('Flood', reason); }
}
on(Flood, OnMessage(text, session), 'text');
on(Flood, OnClose(closeReason), 'close');
ServerEndpoint({ value: '/flood', slowPeer: { patience: 60_000 } })(Flood);

export class Hang {
  text() { tell('Hang hangs'); return never(); }
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

jest.setTimeout(60_000); // a busy machine starts processes slowly

const three = (...lines: string[]) => lines.flatMap((line) => Array<string>(3).fill(line));

it.each(['SIGTERM', 'SIGINT'] as const)(
  '[REL-16] %s under load, and again: 503 for who comes, 1001 for who is there, every @OnClose, exit code 0',
  async (signal) => {
    const cwd = folder({ 'busy.mjs': BUSY, told: '' });
    const run = margay(['serve', 'busy.mjs', '--port', '0', '--host', '127.0.0.1'], { cwd, env: { TOLD: join(cwd, 'told') } });
    const address = { port: Number(new URL(await run.url('Stream')).port) };
    const open = (path: string) => Promise.all([1, 2, 3].map(() => RawPeer.open(address, path)));
    const [streams, deaf, hangs] = [await open('/stream'), await open('/flood'), await open('/hang')];
    for (const peer of deaf) {
      peer.stopReading();
      peer.text('flood');
    }
    for (const peer of hangs) peer.text('hang');
    const undecided = RawPeer.ask(address, '/hook');
    await Promise.all(streams.map((peer) => peer.received(5)));
    const told = () => readFileSync(join(cwd, 'told'), 'utf8').trim().split('\n').sort();
    await eventually(() => expect(told()).toEqual(three('Flood sends', 'Hang hangs')));

    run.child.kill(signal);
    const { status, headers, body } = await undecided.response();
    expect([status, headers.get('retry-after'), body]).toEqual([503, ['5'], 'The server is shutting down. [MARGAY_DRAINING]']);
    const late = await ask(address, { target: '/stream' });
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, ['5']]);
    run.child.kill(signal);
    for (const peer of streams) expect(await peer.closeFrame()).toMatchObject({ code: 1001 });

    const abandoned = (line: string, method: string) =>
      line.startsWith(`margay warn MARGAY_ABANDONED_CALLBACK Hang.${method}() has not settled after`);
    const others = (line: string) => !abandoned(line, 'text') && !abandoned(line, 'close');
    expect([await run.ended, run.err().filter(others)]).toEqual([0, []]);
    expect(run.err().filter((line) => abandoned(line, 'text'))).toHaveLength(3);

    expect(told()).toEqual(three('Flood 1001', 'Flood MARGAY_SEND_FAILED', 'Flood sends', 'Hang 1001', 'Hang hangs', 'Stream 1001'));
  },
);
