/** The suite that every engine owes: each sentence of src/transport/spi.ts as a test. */
import { discardingContract } from './contract/discarding.js';
import { endingContract } from './contract/ending.js';
import { flowContract } from './contract/flow.js';
import { messageContract } from './contract/messages.js';
import { offerContract } from './contract/offers.js';
import { partContract } from './contract/parts.js';
import type { Engine, Runner } from './contract/rig.js';

export type { Dialled, DialOptions, Engine, Refused, Runner } from './contract/rig.js';

export function transportContract(name: string, engine: Engine, runner: Runner): void {
  runner.describe(`${name} keeps the contract of a transport`, () => {
    offerContract(engine, runner);
    messageContract(engine, runner);
    partContract(engine, runner);
    flowContract(engine, runner);
    discardingContract(engine, runner);
    endingContract(engine, runner);
  });
}
