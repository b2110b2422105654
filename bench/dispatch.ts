/** What it costs to bring a message to its handler: a plain call, the compiled plan, and metadata interpreted per message. */
import 'reflect-metadata';
import { OnMessage, PathParam, ServerEndpoint, Session } from 'margay';
import { compile } from '../dist/container/deployment/compile.js';
import { describe } from '../dist/metadata/describe.js';
import type { MessageHandler, View } from '../dist/runtime/plan.js';
import { median, spread } from './statistics.js';

let seen = 0;

@ServerEndpoint('/bench/{uid}')
class Counter {
  @OnMessage
  text(session: Session, message: string, @PathParam('uid') uid: string): void {
    if (session !== undefined) seen += message.length + uid.length;
  }
}

const MESSAGES = 2_000_000;
const ROUNDS = 9;
const message = 'x'.repeat(64);
const session = Object.create(Session.prototype) as Session;
const values = ['someone'];

/** Interleaved rounds; each row is held against the plain call of its own round. */
export async function dispatch(): Promise<void> {
  const rows = { plain: plainCall(), compiled: compiledPlan(), interpreted: interpretation() };
  const times: Record<keyof typeof rows, number[]> = { plain: [], compiled: [], interpreted: [] };
  for (const run of Object.values(rows)) run(MESSAGES / 10); // warm
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of Object.keys(rows) as (keyof typeof rows)[]) {
      const start = process.hrtime.bigint();
      rows[name](MESSAGES);
      times[name].push(Number(process.hrtime.bigint() - start) / MESSAGES);
    }
  }
  const ratios = times.interpreted.map((time, round) => time / (times.compiled[round] as number));
  console.log('dispatch, ns per message: median (least to most) of', ROUNDS, 'rounds');
  for (const [name, list] of Object.entries(times)) console.log(`  ${name.padEnd(12)} ${spread(list, 1)}`);
  console.log(`  interpreted / compiled: ${spread(ratios, 1)}  ${verdict(median(ratios) >= 5)} at least 5`);
  if (seen === 0) throw new Error('nothing was dispatched');
}

export const verdict = (holds: boolean): string => (holds ? 'holds:' : 'MISSED:');

function plainCall(): (count: number) => void {
  const endpoint = new Counter();
  return (count) => {
    for (let i = 0; i < count; i++) endpoint.text(session, message, values[0] as string);
  };
}

function compiledPlan(): (count: number) => void {
  const endpoint = new Counter();
  const { plan } = compile(describe(Counter), { encoders: [], decoders: [] });
  const text = plan.receivers[0]?.text as MessageHandler;
  const view = { session, values } as unknown as View;
  return (count) => {
    for (let i = 0; i < count; i++) text.invoke(endpoint, view, message, true);
  };
}

/** The control: every message asks the class again what its handler takes. */
function interpretation(): (count: number) => void {
  const endpoint = new Counter();
  const path = new Map([['uid', 'someone']]);
  const pathParams = new Map([[2, 'uid']]);
  return (count) => {
    for (let i = 0; i < count; i++) {
      const types = Reflect.getMetadata('design:paramtypes', endpoint, 'text') as unknown[];
      const args = types.map((type, index) => {
        const name = pathParams.get(index);
        if (name !== undefined) return path.get(name);
        return type === Session ? session : type === String ? message : undefined;
      });
      (Reflect.get(endpoint, 'text') as (...args: unknown[]) => void).apply(endpoint, args);
    }
  };
}
