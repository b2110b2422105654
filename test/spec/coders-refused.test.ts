/** Lists of coders as people get them wrong: what the deployment says, and how to mend it. */
import { describe, expect, it } from '@jest/globals';
import { Decoder, Encoder, Endpoint, OnMessage, ServerEndpoint, ServerEndpointConfig } from 'margay';
import { deploy, refused } from '../support/deploy.js';
import { emitted } from '../support/emitted.js';
import { Person, PersonText, TextPerson } from '../support/people.js';

const { Builder } = ServerEndpointConfig;

class Needy extends Decoder.Text(Person) {
  constructor(readonly locale: string) {
    super();
  }
  decode(text: string) {
    return new Person(text);
  }
}

class Optional extends Decoder.Text(Person) {
  constructor(readonly locale = 'en') {
    super();
  }
  decode(text: string) {
    return new Person(text);
  }
}

const FAULT = new Error('no database');
class Throwing extends Decoder.Text(Person) {
  constructor() {
    super();
    throw FAULT;
  }
  decode(text: string) {
    return new Person(text);
  }
}

abstract class Unfinished extends Decoder.Text(Person) {}
abstract class Speechless extends Encoder.Binary(Person) {}
class Untyped {
  decode() {}
}
class Circular extends Decoder.Text(undefined as never) {
  decode() {
    return null as never;
  }
}
class Nulled extends Encoder.TextStream(null as never) {
  encode() {}
}
class Spelled extends Decoder.BinaryStream('Person' as never) {
  decode() {
    return null as never;
  }
}
const arrow = () => {};

/** A list, in the decorator and in a configuration. */
const WAYS: [string, (lists: object) => unknown][] = [
  [
    '@ServerEndpoint',
    (lists) => {
      @ServerEndpoint({ value: '/talk', ...lists })
      class Talk {}
      return Talk;
    },
  ],
  [
    'a configuration',
    ({ encoders = [], decoders = [] }: { encoders?: never[]; decoders?: never[] }) => {
      class Talk extends Endpoint {
        onOpen() {}
      }
      const config = Builder.create(Talk, '/talk').build();
      config.getEncoders = () => encoders; // of one's own making, since the builder checks for itself
      config.getDecoders = () => decoders;
      return config;
    },
  ],
];

const EXTEND = 'does not say what it decodes; extend Decoder.Text(Type) or Decoder.Binary(Type)';
const CASES: [string, object, string, string][] = [
  ['a class without a base', { decoders: [Untyped] }, 'CODER_TYPE', `decoder Untyped ${EXTEND}`],
  [
    'an encoder without a base',
    { encoders: [Untyped] },
    'CODER_TYPE',
    'encoder Untyped does not say what it encodes; extend Encoder.Text(Type) or Encoder.Binary(Type)',
  ],
  ['no class', { decoders: ['TextPerson'] }, 'CODER_TYPE', `decoder "TextPerson" ${EXTEND}`],
  ['a function', { decoders: [arrow] }, 'CODER_TYPE', `decoder arrow ${EXTEND}`],
  ['undefined', { decoders: [undefined] }, 'CODER_TYPE', `decoder undefined ${EXTEND}`],
  ['null', { decoders: [null] }, 'CODER_TYPE', `decoder null ${EXTEND}`],
  [
    'an object',
    { decoders: [new TextPerson()] },
    'CODER_TYPE',
    'decoder TextPerson is listed as an object; list the class itself, without new',
  ],
  ['an encoder among decoders', { decoders: [PersonText] }, 'CODER_TYPE', 'decoder PersonText is an encoder; list it in encoders'],
  ['a decoder among encoders', { encoders: [TextPerson] }, 'CODER_TYPE', 'encoder TextPerson is a decoder; list it in decoders'],
  [
    'a class that was lost',
    { decoders: [Circular] },
    'CODER_TYPE',
    'decoder Circular extends Decoder.Text(undefined); name a class, String, Int and the like (undefined comes of modules that import each other)',
  ],
  ['null for a class', { encoders: [Nulled] }, 'CODER_TYPE', 'encoder Nulled extends Encoder.TextStream(null); name a class,'],
  ['text for a class', { decoders: [Spelled] }, 'CODER_TYPE', 'decoder Spelled extends Decoder.BinaryStream(string); name a class,'],
  ['no list', { decoders: TextPerson }, 'OPTION', 'decoders is TextPerson; give a list of classes, [TextPerson]'],
  ['no list of encoders', { encoders: {} }, 'OPTION', 'encoders is an object; give a list of classes, […]'],
  ['an abstract class', { decoders: [Unfinished] }, 'CODER', 'Unfinished has no decode(); write it'],
  ['an abstract encoder', { encoders: [Speechless] }, 'CODER', 'Speechless has no encode(); write it'],
  ['the base itself', { decoders: [Decoder.Text(Person)] }, 'CODER', 'Decoder.Text(Person) has no decode(); write it'],
  [
    'a constructor with arguments',
    { decoders: [Needy] },
    'CODER',
    'Needy has a constructor that needs an argument; give it a default, or give the container an instanceManager',
  ],
  [
    'a constructor that throws',
    { decoders: [Throwing] },
    'CODER',
    'Throwing cannot be made (no database); its constructor is called without arguments, once for each connection',
  ],
];

describe.each(WAYS)('lists of %s', (_way, deployed) => {
  it.each(CASES)('[COD-4] [ANN-3] [ANN-12] [D-19] %s', async (_, lists, code, words) => {
    const problem = await refused(deployed(lists));
    expect([problem.code, problem.message]).toEqual([`MARGAY_${code}`, expect.stringContaining(`Talk: ${words}`)]);
    expect(problem.problems[0]).toMatchObject({ endpoint: 'Talk' });
    if (words.startsWith('Throwing')) expect(problem.cause).toBe(FAULT);
  });

  it('[ANN-3] a constructor whose arguments have defaults will do, and so will no lists at all', async () => {
    await deploy(deployed({ decoders: [Optional] }) as never);
    await deploy(deployed({ decoders: undefined, encoders: null }) as never);
  });
});

describe('lists', () => {
  it('[ANN-3] each coder is made once when the class is deployed, in the order of the lists', async () => {
    const made: string[] = [];
    class One extends TextPerson {
      constructor() {
        super();
        made.push('decoder');
      }
    }
    class Two extends PersonText {
      constructor() {
        super();
        made.push('encoder');
      }
    }
    @ServerEndpoint({ value: '/talk', encoders: [Two], decoders: [One] })
    class Talk {}
    await deploy(Talk);
    expect(made).toEqual(['encoder', 'decoder']);
  });

  it('[DEP-2] all problems are told at once, those of handlers and of the path too', async () => {
    @ServerEndpoint({ value: 'talk', encoders: [TextPerson as never], decoders: [Throwing, Untyped as never, PersonText as never] })
    class Talk {
      @OnMessage take(_message: Person) {}
    }
    const problem = await refused(Talk);
    expect(problem.problems.map(({ code }) => code.slice('MARGAY_'.length)).sort()).toEqual(
      ['PATH', 'CODER_TYPE', 'CODER_TYPE', 'CODER_TYPE', 'CODER'].sort(),
    );
    expect(problem.cause).toBe(FAULT);
  });

  it('[COD-6] a payload that nothing decodes says what would', async () => {
    const config = Builder.create(emitted(OnMessage, [Person]), '/talk')
      .decoders([])
      .encoders([PersonText])
      .build();
    const problem = await refused(config);
    expect([problem.code, problem.problems[0]?.parameter]).toEqual(['MARGAY_NO_DECODER', 0]);
    expect(problem.message).toBe(
      'Talk.m() parameter 0 is Person, which no message is turned into; list a decoder for it; or take string, Buffer, a plain type, Reader, InputStream or PongMessage',
    );
  });
});

describe('a builder', () => {
  it.each([
    ['encoders', PersonText, 'PersonText'],
    ['decoders', 'x', 'string'],
    ['subprotocols', 'chat', 'string'],
    ['extensions', {}, 'object'],
  ] as const)('[URI-16] %s that are no list are refused where they are written', (member, value, word) => {
    const builder = Builder.create(Person, '/talk') as unknown as Record<string, (list: unknown) => unknown>;
    expect(() => builder[member]?.(value)).toThrow(
      expect.objectContaining({
        name: 'IllegalArgumentException',
        code: 'MARGAY_ARGUMENT',
        message: `Builder.${member}(list): list is ${word}; give a list`,
      }),
    );
  });

  it('[DEP-1] that was not built is no endpoint', async () => {
    const problem = await refused(Builder.create(Person, '/talk'));
    expect([problem.code, problem.message]).toEqual([
      'MARGAY_NOT_ENDPOINT',
      'a ServerEndpointConfig.Builder is no configuration yet; call its build()',
    ]);
  });

  class Mine extends ServerEndpointConfig.Configurator {}
  it.each<[string, unknown, RegExp]>([
    ['a class', Mine, /configurator Mine is a class; give an object of it$/],
    [
      'a plain object',
      { checkOrigin: () => true },
      /configurator an object is none; name a class that extends ServerEndpointConfig.Configurator$/,
    ],
  ])('[ANN-12] given %s for a configurator', async (_, configurator, words) => {
    @ServerEndpoint('/x')
    class Talk {}
    const problem = await refused(
      Builder.create(Talk, '/talk')
        .configurator(configurator as never)
        .build(),
    );
    expect([problem.code, problem.message]).toEqual(['MARGAY_CONSTRUCTOR', expect.stringMatching(words)]);
  });

  it.each<[string, unknown, RegExp]>([
    ['an object', new Mine(), /configurator an object is no class; name the class, which is made without arguments$/],
    ['no configurator', Date, /configurator Date is none; name a class that extends ServerEndpointConfig.Configurator$/],
    ['null', null, /configurator null is none; name a class/],
  ])('[ANN-12] a decorator that names %s', async (_, configurator, words) => {
    @ServerEndpoint({ value: '/x', configurator: configurator as never })
    class Talk {}
    const problem = await refused(Talk);
    expect([problem.code, problem.message]).toEqual(['MARGAY_CONSTRUCTOR', expect.stringMatching(words)]);
  });
});
