/** Instances that come from a container of dependencies, by three that people use: section 9.1 of the ledger. */
import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable, Module, Scope } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type AwilixContainer, asClass, createContainer } from 'awilix';
import { type Class, OnMessage, OnOpen, ServerEndpoint, Session } from 'margay';
import { injectable, singleton, container as tsyringe } from 'tsyringe';
import { eventually } from '../support/eventually.js';
import { start } from '../support/start.js';

/** Two clients of one endpoint: each has an instance, and both have the one service. */
async function bothAreCounted(server: Awaited<ReturnType<typeof start>>): Promise<void> {
  const [anna, bert] = [await server.dial('/count'), await server.dial('/count')];
  for (const peer of [anna, bert]) expect(await peer.next()).toBe('welcome');
  anna.send('one');
  expect(await anna.next()).toBe('one is message 1, and 1 of yours');
  bert.send('two');
  expect(await bert.next()).toBe('two is message 2, and 1 of yours');
  anna.send('three');
  expect(await anna.next()).toBe('three is message 3, and 2 of yours');
}

describe('[DEP-10] an endpoint with a service injected', () => {
  it('from tsyringe', async () => {
    @singleton()
    class Counter {
      #count = 0;
      next = () => ++this.#count;
    }

    @injectable()
    @ServerEndpoint('/count')
    class Counting {
      #mine = 0;
      constructor(readonly counter: Counter) {}

      @OnOpen
      open(session: Session): void {
        void session.getBasicRemote().sendText('welcome');
      }

      @OnMessage
      text(message: string): string {
        return `${message} is message ${this.counter.next()}, and ${++this.#mine} of yours`;
      }
    }

    const instanceManager = { create: <T extends object>(type: Class<T>) => tsyringe.resolve(type as new (...args: any[]) => T) };
    await bothAreCounted(await start(Counting, { instanceManager }));
  });

  it('from awilix, with a scope for each connection that ends with it', async () => {
    class Counter {
      #count = 0;
      next = () => ++this.#count;
    }
    const disposed: number[] = [];
    class Mine {
      count = 0;
      next = () => ++this.count;
    }

    @ServerEndpoint('/count')
    class Counting {
      readonly #counter: Counter;
      readonly #mine: Mine;
      constructor({ counter, mine }: { counter: Counter; mine: Mine }) {
        this.#counter = counter;
        this.#mine = mine;
      }

      @OnOpen
      open(session: Session): void {
        void session.getBasicRemote().sendText('welcome');
      }

      @OnMessage
      text(message: string): string {
        return `${message} is message ${this.#counter.next()}, and ${this.#mine.next()} of yours`;
      }
    }

    const root = createContainer().register({
      counter: asClass(Counter).singleton(),
      mine: asClass(Mine)
        .scoped()
        .disposer((mine) => void disposed.push(mine.count)),
    });
    const scopes = new Map<object, AwilixContainer>();
    const instanceManager = {
      create<T extends object>(type: Class<T>): T {
        const scope = root.createScope();
        const made = scope.build(type as new (...args: any[]) => T);
        scopes.set(made, scope);
        return made;
      },
      async destroy(made: object): Promise<void> {
        await scopes.get(made)?.dispose();
        scopes.delete(made);
      },
    };
    const server = await start(Counting, { instanceManager });
    await bothAreCounted(server);
    expect(scopes.size).toBe(2);
    await server.container.close();
    await eventually(() => expect(scopes.size).toBe(0));
    expect(disposed.sort()).toEqual([1, 2]);
  });

  it('from a Nest application context, which makes it asynchronously', async () => {
    @Injectable()
    class Counter {
      #count = 0;
      next = () => ++this.#count;
    }

    @Injectable({ scope: Scope.TRANSIENT })
    @ServerEndpoint('/count')
    class Counting {
      #mine = 0;
      constructor(readonly counter: Counter) {}

      @OnOpen
      open(session: Session): void {
        void session.getBasicRemote().sendText('welcome');
      }

      @OnMessage
      text(message: string): string {
        return `${message} is message ${this.counter.next()}, and ${++this.#mine} of yours`;
      }
    }

    @Module({ providers: [Counter, Counting] })
    class Application {}

    const application = await NestFactory.createApplicationContext(Application, { logger: false });
    try {
      const instanceManager = { create: <T extends object>(type: Class<T>) => application.resolve<T>(type as new (...args: any[]) => T) };
      await bothAreCounted(await start(Counting, { instanceManager }));
      expect(application.get(Counter).next()).toBe(4);
    } finally {
      await application.close();
    }
  });
});
