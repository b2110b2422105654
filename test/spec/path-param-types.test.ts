/** @PathParam: what it may stand on, and what it must be told. */
import { describe, expect, it } from '@jest/globals';
import { Byte, Char, Int, Long, OnClose, OnError, OnMessage, OnOpen, PathParam, PongMessage, ServerEndpoint, Session } from 'margay';
import { deploy, refused } from '../support/deploy.js';
import { emitted, param } from '../support/emitted.js';

class Person {}

describe('types', () => {
  it.each([String, Number, Boolean, BigInt])('[PP-2] %p will do', async (type) => {
    expect((await deploy(emitted(OnOpen, [param(type, 'a')]))).container.endpoints).toHaveLength(1);
  });

  it.each([Session, Buffer, Date, Error, Array, Symbol, Person, PongMessage])('[PP-2] %p is refused', async (type) => {
    const error = await refused(emitted(OnOpen, [Session, param(type, 'a')]));
    expect(error.code).toBe('MARGAY_PATH_PARAM');
    expect(error.message).toMatch(
      new RegExp(`^Talk\\.m\\(\\) parameter 1 is \\{a\\} as ${type.name}; take string, number, boolean or bigint$`),
    );
    expect(error.problems[0]).toMatchObject({ endpoint: 'Talk', member: 'm', parameter: 1 });
  });

  it.each<[string, Parameters<typeof emitted>[0], unknown[]]>([
    ['@OnOpen', OnOpen, []],
    ['@OnMessage', OnMessage, [String]],
    ['@OnClose', OnClose, []],
    ['@OnError', OnError, [Error]],
  ])('[PP-2] in every callback: %s', async (_, decorator, types) => {
    const error = await refused(emitted(decorator, [...types, param(Date, 'a')]));
    expect(error.problems).toEqual([expect.objectContaining({ code: 'MARGAY_PATH_PARAM', parameter: types.length })]);
  });

  it.each([Date, Session, Buffer])('[PP-2] nor does a token help %p', async (type) => {
    expect((await refused(emitted(OnOpen, [param(type, 'a', Int)]))).code).toBe('MARGAY_PATH_PARAM');
  });
});

describe('tokens', () => {
  it.each<[unknown, unknown]>([
    [Int, Number],
    [Byte, Number],
    [Long, BigInt],
    [Char, String],
    [BigInt, BigInt],
    [Boolean, Boolean],
  ])('[PP-2] [D-03] %s on %p', async (token, type) => {
    expect((await deploy(emitted(OnOpen, [param(type, 'a', token)]))).container.endpoints).toHaveLength(1);
  });

  it.each<[unknown, unknown]>([
    [Int, String],
    [Byte, Boolean],
    [String, Number],
    [BigInt, Number],
    [Long, Number],
    [Char, Number],
  ])('[PP-2] [D-03] %s and %p do not agree', async (token, type) => {
    const error = await refused(emitted(OnOpen, [param(type, 'a', token)]));
    expect(error.code).toBe('MARGAY_PATH_PARAM');
    expect(error.message).toMatch(/^Talk\.m\(\) parameter 0 is \{a\} as .*, but of type .*; make them agree$/);
  });

  it.each([Date, Session, 'Int', null, {}, Object])('[PP-2] what is no token is refused: %p', async (token) => {
    const error = await refused(emitted(OnOpen, [param(String, 'a', token)]));
    expect(error.code).toBe('MARGAY_PATH_PARAM');
    expect(error.message).toMatch(/^Talk\.m\(\) parameter 0 is \{a\} as .*; use String, Number, /);
  });

  it('[PP-2] [D-03] where the type is lost, a token says what the value is', async () => {
    @ServerEndpoint('/{a}')
    class Talk {
      @OnOpen open(@PathParam('a', String) _a: string | null) {}
    }
    expect((await deploy(Talk)).container.endpoints).toHaveLength(1);
  });
});

describe('names', () => {
  it.each([undefined, '', null, 7])('[PP-2] a name is required: %p', async (name) => {
    const error = await refused(emitted(OnOpen, [param(String, name)]));
    expect(error.code).toBe('MARGAY_PATH_PARAM');
    expect(error.message).toMatch(/^Talk\.m\(\) parameter 0 is a path parameter named .*; write @PathParam\('name'\)$/);
  });

  it('[PP-3] one that the template does not have is legal, and warned of', async () => {
    @ServerEndpoint('/{a}')
    class Talk {
      @OnOpen open(@PathParam('b') _b?: string) {}
    }
    const { log } = await deploy(Talk);
    const warnings = log.filter(({ level }) => level === 'warn');
    expect(warnings).toEqual([expect.objectContaining({ code: 'MARGAY_PATH_PARAM_UNKNOWN', endpoint: 'Talk', member: 'open', name: 'b' })]);
    expect(warnings[0]?.message).toMatch(/^Talk\.open\(\) takes \{b\}, which \/\{a\} does not have/);
  });

  it("[PP-3] Express's spelling of a variable is a literal here, and the warning says so", async () => {
    @ServerEndpoint('/room/:id')
    class Talk {
      @OnOpen open(@PathParam('id') _id?: string) {}
    }
    const { log } = await deploy(Talk);
    expect(log.find(({ level }) => level === 'warn')?.message).toMatch(/; write \{id\} for :id in the path$/);
  });

  it('[PP-3] one warning for a handler, however often it takes it', async () => {
    const { log } = await deploy(emitted(OnOpen, [param(String, 'b'), param(String, 'b')]));
    expect(log.filter(({ code }) => code === 'MARGAY_PATH_PARAM_UNKNOWN')).toHaveLength(1);
  });
});
