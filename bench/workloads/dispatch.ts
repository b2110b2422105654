/** What it costs to bring a message to its handler: a plain call, the compiled plan, and metadata interpreted per message. */
import 'reflect-metadata';
import { OnMessage, PathParam, ServerEndpoint, Session } from 'margay';
import { compile } from '../../dist/container/deployment/compile.js';
import { describe } from '../../dist/metadata/describe.js';
import type { MessageHandler, View } from '../../dist/runtime/plan.js';
import { atLeast } from '../measured.js';
import { nanoseconds } from '../nanoseconds.js';
import type { Workload } from '../workload.js';

let seen = 0;

@ServerEndpoint('/bench/{uid}')
class Counter {
  @OnMessage
  text(session: Session, message: string, @PathParam('uid') uid: string): void {
    if (session !== undefined) seen += message.length + uid.length;
  }
}

const message = 'x'.repeat(64);
const session = Object.create(Session.prototype) as Session;
const values = ['someone'];

export const dispatch: Workload = {
  name: 'dispatch',
  measure: async ({ effort }) => {
    const runs = [
      ['plain call', plainCall()],
      ['compiled', compiledPlan()],
      ['interpreted', interpretation()],
    ] as const;
    const rows = nanoseconds(runs, effort.repeats, effort.rounds);
    if (seen === 0) throw new Error('nothing was dispatched');
    const name = 'dispatch, metadata read for every message against a compiled plan';
    return [{ name, unit: 'ns', subject: 'interpreted', control: 'compiled', goal: atLeast(5), rows, notes: [] }];
  },
};

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
