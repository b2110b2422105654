/** Hooks that never settle: alone and in crowds, and what comes of them too late. [REL-2, D-25, LIF-3, COD-2, DEP-10] */
import { describe, expect, it } from '@jest/globals';
import { type ContainerOptions, Decoder, Encoder, OnMessage, OnOpen, ServerEndpoint, ServerEndpointConfig } from 'margay';
import { ask } from '../support/ask.js';
import { eventually, gate, sleep } from '../support/eventually.js';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const CROWD = 40;

/** Every hook that may be async, in the order in which they are asked. */
const HOOKS = [
  'authenticate',
  'httpSession',
  'checkOrigin',
  'modifyHandshake',
  'instanceManager.create of a coder',
  'encoder.init',
  'decoder.init',
  'instanceManager.create',
  'getEndpointInstance',
  'instanceManager.inject',
] as const;

/** An endpoint of which one hook waits for the gate; what is made and let go is counted. */
function sticking(which: (typeof HOOKS)[number]) {
  const late = gate();
  const counts = { asked: 0, opened: 0, created: 0, destroyed: 0, initialised: 0, finished: 0 };
  const stick = async (here: string): Promise<void> => {
    if (here !== which) return;
    counts.asked++;
    await late.promise;
  };
  const ownFactory = which === 'getEndpointInstance' || which === 'instanceManager.inject';

  class Hooks extends ServerEndpointConfig.Configurator {
    override async checkOrigin(): Promise<boolean> {
      await stick('checkOrigin');
      return true;
    }
    override modifyHandshake(): Promise<void> {
      return stick('modifyHandshake');
    }
  }
  class Factory extends Hooks {
    override async getEndpointInstance<T extends object>(type: new () => T): Promise<T> {
      await stick('getEndpointInstance');
      return new type();
    }
  }
  class Writing extends Encoder.Text(Map) {
    override async init(): Promise<void> {
      await stick('encoder.init');
      counts.initialised++;
    }
    encode(): string {
      return '';
    }
    override destroy(): void {
      counts.finished++;
    }
  }
  class Reading extends Decoder.Text(Map) {
    override async init(): Promise<void> {
      await stick('decoder.init');
      counts.initialised++;
    }
    decode(): Map<unknown, unknown> {
      return new Map();
    }
    override destroy(): void {
      counts.finished++;
    }
  }
  @ServerEndpoint({ value: '/stuck', configurator: ownFactory ? Factory : Hooks, encoders: [Writing], decoders: [Reading] })
  class Stuck {
    @OnOpen
    open(): void {
      counts.opened++;
    }
  }
  const options: ContainerOptions = {
    authenticate: async ({ url }) => {
      if (url === '/stuck') await stick('authenticate');
      return null;
    },
    httpSession: async ({ url }) => {
      if (url === '/stuck') await stick('httpSession');
      return null;
    },
    instanceManager: {
      create: (type) => {
        if (type !== Stuck && type !== Writing && type !== Reading) return new type(); // a configurator is needed at once
        return stick(type === Stuck ? 'instanceManager.create' : type === Writing ? 'instanceManager.create of a coder' : '').then(() => {
          counts.created++;
          return new type();
        });
      },
      inject: async (object) => {
        if (object instanceof Stuck) await stick('instanceManager.inject');
      },
      destroy: (object) => {
        if (object instanceof Stuck || object instanceof Writing || object instanceof Reading) counts.destroyed++;
      },
    },
  };
  return { Stuck, options, counts, late };
}

@ServerEndpoint('/good')
class Good {
  @OnMessage
  text(message: string): string {
    return message;
  }
}

describe.each(HOOKS)('[REL-2] %s never settles', (which) => {
  it('for a crowd: others are served meanwhile, 503 for each, and what comes later is let go', async () => {
    const { Stuck, options, counts, late } = sticking(which);
    const started = await start([Stuck, Good], { ...options, hookTimeout: 300 });
    const crowd = Array.from({ length: CROWD }, () => RawPeer.ask(started, '/stuck'));
    await eventually(() => expect(counts.asked).toBe(CROWD));
    const good = await RawPeer.open(started, '/good');
    good.text('hello');
    expect(await good.received(1)).toEqual(['hello']);
    for (const peer of crowd) {
      const { status, body, headers } = await peer.response();
      expect(`${status} ${body}`).toMatch(/^503 .*\[MARGAY_HOOK_TIMEOUT\]$/);
      expect(headers.get('retry-after')).toEqual(['5']);
      await peer.ended();
    }
    expect(started.container.statistics().refused.get(503)).toBe(CROWD);
    late.open();
    await eventually(() => expect([counts.created, counts.initialised]).toEqual([counts.destroyed, counts.finished]));
    await sleep(20); // what is over goes no further
    expect([counts.opened, counts.asked]).toEqual([0, CROWD]);
    expect([counts.created, counts.initialised]).toEqual([counts.destroyed, counts.finished]);
  });

  it('and its peers leave: they are no longer waited for, and the same', async () => {
    const { Stuck, options, counts, late } = sticking(which);
    const started = await start([Stuck, Good], { ...options, maxConnections: CROWD });
    const crowd = Array.from({ length: CROWD }, () => RawPeer.ask(started, '/stuck'));
    await eventually(() => expect(counts.asked).toBe(CROWD));
    expect((await ask(started, { target: '/good' })).status).toBe(503);
    for (const peer of crowd) peer.reset();
    await eventually(async () => expect((await ask(started, { target: '/good' })).status).toBe(101));
    late.open();
    await eventually(() => expect([counts.created, counts.initialised]).toEqual([counts.destroyed, counts.finished]));
    expect(counts.opened).toBe(0);
  });
});
