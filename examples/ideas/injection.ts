/** Endpoints from tsyringe: each connection has an instance of its own, and all of them the one service. [DEP-10] */
import 'reflect-metadata'; // tsyringe asks for it
import { type InstanceManager, OnError, OnMessage, ServerEndpoint, serve } from 'margay';
import { injectable, singleton, container as tsyringe } from 'tsyringe';
import { report } from '../errors.js';
import { program, type Running } from './program.js';

@singleton()
export class Bowl {
  #fish = 9;

  /** False: it is empty. */
  take(): boolean {
    if (this.#fish === 0) return false;
    this.#fish--;
    return true;
  }
}

@injectable()
@ServerEndpoint('/feeding')
export class Feeding {
  readonly #bowl: Bowl;
  #eaten = 0;

  constructor(bowl: Bowl) {
    this.#bowl = bowl;
  }

  @OnMessage
  eat(name: string): string {
    if (!this.#bowl.take()) return `${name} looks at an empty bowl`;
    return `${name} eats fish number ${++this.#eaten}`;
  }

  @OnError
  failed(error: Error): void {
    report('Feeding', error);
  }
}

const instanceManager: InstanceManager = { create: (type) => tsyringe.resolve(type) };

export const start = (port: number): Promise<Running> => serve({ endpoints: [Feeding], instanceManager, port });

await program(import.meta.url, start);
