/** The API is the JSR's: nothing is missing, and what is more has a line in docs/deviations.md. Both ways. */
import { describe, expect, it } from '@jest/globals';
import {
  CloseReason,
  type HandshakeRequest,
  type HandshakeResponse,
  OnClose,
  OnMessage,
  OnOpen,
  PongMessage,
  ServerEndpoint,
  ServerEndpointConfig,
  Session,
} from 'margay';
import { eventually } from '../support/eventually.js';
import { filesIn, read } from '../support/project.js';
import { start } from '../support/start.js';
import { aritiesOf, type Declaration, declaredIn, exportsOf } from './parity/declared.js';
import { ANNOTATIONS, JAVA, JSR } from './parity/jsr.js';

const exported = new Map(['index', 'client', 'vocabulary'].flatMap((door) => [...exportsOf(read(`src/${door}.ts`))]));
const declarations = filesIn('src').flatMap((file) => declaredIn(file, read(file)));

/** The type of that public name: an exported one, what stands in its namespace, or a static member that is a class. */
function declarationsOf(type: string): Declaration[] {
  const [outer, inner] = type.split('.');
  const there = declarations.filter(({ file }) => file === exported.get(outer as string));
  const alias = inner && there.flatMap(({ name, inner: aliases }) => (name === outer ? [aliases.get(inner)] : []))[0];
  return there.filter(({ name }) => name === (alias ?? type));
}

/** With what it inherits; a parent is looked for in its own file first. */
function membersOf(type: Declaration, from = declarations): string[] {
  const parents = type.parents.flatMap((parent) => {
    const named = from.filter(({ name, kind }) => name === parent && kind !== 'value');
    const near = named.filter(({ file }) => file === type.file);
    return near.length > 0 ? near : named;
  });
  return [...type.members, ...parents.flatMap((parent) => membersOf(parent))];
}

const ours = new Map(
  [...new Set([...JSR.keys(), ...declarations.filter(({ file, name }) => exported.get(name) === file).map(({ name }) => name)])]
    .map((type): [string, Set<string>] => [type, new Set(declarationsOf(type).flatMap((each) => membersOf(each)))])
    .filter(([type]) => declarationsOf(type).length > 0),
);
ours.set('CloseReason.CloseCodes', new Set(['getCode/0', ...membersOfValue(CloseReason.CloseCodes)])); // a constant object

function membersOfValue(value: object): string[] {
  return Object.entries(value).map(([name, each]) => (typeof each === 'function' ? `${name}/${each.length}` : name));
}

/** The codes in the first column of a table of docs/deviations.md. */
function listed(heading: string): string[] {
  const [, table = ''] = read('docs/deviations.md').split(`\n## ${heading}\n`);
  const rows = (table.split('\n## ')[0] as string).split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => [...(row.split(' | ')[0] as string).matchAll(/`([^`]+)`/g)].map(([, code]) => code as string));
}

/** `Type.member(a, b?)` → `Type.member/1`, `Type.member/2`; `new Type(a)` → `Type.new/1`; of `*Exception` any number will do. */
function spread(code: string): string[] {
  const [, isNew, path = '', list] = /^(new )?([\w.*]+)(\(.*\))?$/.exec(code) ?? [];
  const name = isNew === undefined ? path : `${path}.new`;
  return list === undefined || name.startsWith('*') ? [name] : aritiesOf(list).map((arity) => `${name}/${arity}`);
}

const beyond = listed('Members beyond the JSR').flatMap(spread);
const lacking = listed('Members that only Java has').flatMap(spread);
/** The names that a member may stand under. */
const namesOf = (member: string) => [member, member.replace(/^\w+Exception/, '*Exception').replace(/\/\d$/, '')];
const isListed = (member: string, list: readonly string[]) => namesOf(member).some((name) => list.includes(name));
const JAVA_LANG_OBJECT = ['toString/0'];

const extra = [...ours].flatMap(([type, members]) =>
  JSR.has(type)
    ? [...members].filter((each) => !JSR.get(type)?.has(each) && !JAVA_LANG_OBJECT.includes(each)).map((each) => `${type}.${each}`)
    : [],
);
const missing = [...JSR].flatMap(([type, members]) =>
  ours.has(type) ? [...members].filter((each) => !ours.get(type)?.has(each)).map((each) => `${type}.${each}`) : [],
);

describe('types', () => {
  it('every type and annotation of the JSR is here', () => {
    expect([...JSR.keys()].filter((type) => !ours.has(type))).toEqual([]);
    expect(Object.keys(ANNOTATIONS).filter((name) => !exported.has(name))).toEqual([]);
  });

  it("every other name of the front door is Java's, or has a line in docs/deviations.md", () => {
    const names = [...exported.keys()].filter((name) => !JSR.has(name) && !(name in ANNOTATIONS) && !JAVA.includes(name));
    expect(names.sort()).toEqual(listed('Names beyond the JSR').sort());
  });
});

it('margay/testing, which Java does not have, has its own list', () => {
  const names = listed('For tests');
  expect(names.sort()).toEqual([...exportsOf(read('src/testing.ts')).keys()].sort());
});

describe('members', () => {
  it('none of the JSR is missing, but those with a line in docs/deviations.md', () => {
    expect(missing.filter((member) => !isListed(member, lacking))).toEqual([]);
  });

  it('none is more, but those with a line in docs/deviations.md', () => {
    expect(extra.filter((member) => !isListed(member, beyond))).toEqual([]);
  });

  it('no line in docs/deviations.md speaks of a member that is as in the JSR, or is not', () => {
    expect(beyond.filter((each) => !extra.flatMap(namesOf).includes(each))).toEqual([]);
    expect(lacking.filter((each) => !missing.includes(each))).toEqual([]);
  });
});

describe('objects', () => {
  /** What a user finds on an object, whatever class it is of. */
  const visible = (object: object): string[] =>
    object === Object.prototype ? [] : [...Object.getOwnPropertyNames(object), ...visible(Object.getPrototypeOf(object) as object)];
  const allowed = (type: string) =>
    new Set(['constructor', 'toString', ...[...(ours.get(type) ?? [])].map((member) => member.split('/')[0] as string)]);
  const hidden = declarations.flatMap(({ internal }) => [...internal]);

  it('what users are given has no more members than its type', async () => {
    const seen: Record<string, object> = {};
    class Seeing extends ServerEndpointConfig.Configurator {
      override modifyHandshake(config: ServerEndpointConfig, request: HandshakeRequest, response: HandshakeResponse): void {
        Object.assign(seen, { ServerEndpointConfig: config, HandshakeRequest: request, HandshakeResponse: response });
      }
    }
    @ServerEndpoint({ value: '/seen', configurator: Seeing, perMessageDeflate: true })
    class Seen {
      @OnOpen open(session: Session): void {
        const [extension] = session.getNegotiatedExtensions();
        const own = {
          Session: session,
          'RemoteEndpoint.Basic': session.getBasicRemote(),
          'RemoteEndpoint.Async': session.getAsyncRemote(),
        };
        Object.assign(seen, own, { ServerContainer: session.getContainer(), Extension: extension });
        for (const parameter of extension?.getParameters() ?? []) seen['Extension.Parameter'] = parameter;
      }

      @OnMessage pong(pong: PongMessage): string {
        seen['PongMessage'] = pong;
        return 'seen';
      }

      @OnClose close(reason: CloseReason): void {
        seen['CloseReason'] = reason;
      }
    }
    const { dial } = await start(Seen);
    const peer = await dial('/seen', { perMessageDeflate: true });
    peer.socket.pong();
    expect(await peer.next()).toBe('seen');
    await peer.close(1000);
    await eventually(() => expect(Object.keys(seen)).toHaveLength(11));
    const more = Object.entries(seen).flatMap(([type, object]) =>
      visible(object).flatMap((name) => (allowed(type).has(name) || hidden.includes(name) ? [] : [`${type}.${name}`])),
    );
    expect(more).toEqual([]);
  });
});

describe('annotations', () => {
  const own = (name: string) => [...(declarations.find((each) => each.name === name)?.members ?? [])].sort();

  it('[ANN-1, ANN-15] @ServerEndpoint and @OnMessage take what the JSR lists', () => {
    expect(own('ServerEndpointOptions')).toEqual([...(ANNOTATIONS['ServerEndpoint'] ?? [])].sort());
    expect(own('OnMessageOptions')).toEqual(ANNOTATIONS['OnMessage']);
  });

  it('[ANN-2] @ClientEndpoint takes what the JSR lists', () => {
    expect(own('ClientEndpointOptions')).toEqual([...(ANNOTATIONS['ClientEndpoint'] ?? [])].sort());
  });

  it('[D-36] what @ServerEndpoint takes beyond the JSR has a line in docs/deviations.md', () => {
    expect(own('EndpointSettings')).toEqual(listed('Options of an endpoint beyond the JSR').sort());
  });
});
