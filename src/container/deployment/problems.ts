/** Every problem of a deployment: its code, and words that name the place and the cure. */
import type { CoderFact } from '../../api/codec.js';
import { DeploymentException, type Problem } from '../../api/exceptions.js';
import { type Class, nameOf } from '../../api/tokens.js';
import type { HandlerDescription } from '../../metadata/describe.js';
import { spell } from '../options/spelling.js';
import { descends } from './lineage.js';

/** Joins what was found into one exception: its code is the only problem's, or MARGAY_DEPLOYMENT. */
export function deploymentFailed(problems: readonly Problem[], cause?: unknown): DeploymentException {
  const code = problems.length === 1 ? (problems[0] as Problem).code : 'MARGAY_DEPLOYMENT';
  return new DeploymentException(problems.map((problem) => problem.message).join('\n'), cause, code, problems);
}

const of = (type: Class, code: string, message: string): Problem => ({
  code,
  endpoint: nameOf(type),
  message: `${nameOf(type)}${message}`,
});

/** About a handler, or one of its parameters; the class named is the one deployed. */
const at = (type: Class, handler: HandlerDescription, code: string, message: string, parameter?: number): Problem => ({
  code,
  endpoint: nameOf(type),
  member: handler.member,
  ...(parameter === undefined ? {} : { parameter }),
  message: `${nameOf(type)}.${handler.member}()${parameter === undefined ? '' : ` parameter ${parameter}`} ${message}`,
});

const NAMES = { open: '@OnOpen', message: '@OnMessage', close: '@OnClose', error: '@OnError' } as const;
/** A binding that fits, for the cure. */
const BINDINGS = {
  open: '@OnOpen(session)',
  message: '@OnMessage(text)',
  close: '@OnClose(closeReason)',
  error: '@OnError(error)',
} as const;
const TAKES = {
  open: 'Session, EndpointConfig and path parameters',
  message: 'one payload, Session, a boolean beside text or bytes, and path parameters',
  close: 'Session, CloseReason and path parameters',
  error: 'an Error, Session and path parameters',
} as const;

export const notEndpoint = (type: unknown): Problem => ({
  code: 'MARGAY_NOT_ENDPOINT',
  endpoint: nameOf(type),
  message:
    typeof type === 'function'
      ? withoutPath(type as Class)
      : typeof (type as { build?: unknown } | null | undefined)?.build === 'function'
        ? 'a ServerEndpointConfig.Builder is no configuration yet; call its build()'
        : `${spell(type)} is no class; deploy a class with @ServerEndpoint, or a ServerEndpointConfig`,
});

/** An Endpoint takes no decorator: what it lacks is a configuration. [ANN-19] */
const withoutPath = (type: Class) =>
  descends(type, 'Endpoint')
    ? `${nameOf(type)} extends Endpoint and has no path; deploy ServerEndpointConfig.Builder.create(${nameOf(type)}, '/path').build()`
    : `${nameOf(type)} has no @ServerEndpoint of its own; add it, or deploy a ServerEndpointConfig`;

export const badPath = (type: Class, path: unknown, objection: string) => of(type, 'MARGAY_PATH', `: path ${spell(path)} ${objection}`);

export const pathTaken = (type: Class, other: Class, path: string): Problem =>
  type === other
    ? of(type, 'MARGAY_PATH_TAKEN', ` is deployed at ${path} already; deploy it once`)
    : of(type, 'MARGAY_PATH_TAKEN', ` and ${nameOf(other)} both answer ${path}; change one path`);

export const constructorNeeds = (type: Class, count: number) =>
  of(
    type,
    'MARGAY_CONSTRUCTOR',
    `'s constructor needs ${count} ${count === 1 ? 'argument' : 'arguments'}; give a configurator whose getEndpointInstance makes it, or an instanceManager`,
  );

export const badConfigurator = (type: Class, configurator: unknown, why: string) =>
  of(type, 'MARGAY_CONSTRUCTOR', `: configurator ${spell(configurator)} ${why}`);

export const noCoderList = (type: Class, role: CoderFact['role'], list: unknown) =>
  of(type, 'MARGAY_OPTION', `: ${role}s is ${spell(list)}; give a list of classes, [${typeof list === 'function' ? nameOf(list) : '…'}]`);

/** Something in a list of coders that carries no type, or not the right one. [COD-4] */
export const coderType = (type: Class, role: CoderFact['role'], coder: unknown, why?: string) => {
  const [base, verb] = role === 'encoder' ? ['Encoder', 'encodes'] : ['Decoder', 'decodes'];
  const extending = `extend ${base}.Text(Type) or ${base}.Binary(Type)`;
  return of(type, 'MARGAY_CODER_TYPE', `: ${role} ${spell(coder)} ${why ?? `does not say what it ${verb}; ${extending}`}`);
};

export const badCoder = (type: Class, coder: unknown, why: string) => of(type, 'MARGAY_CODER', `: ${nameOf(coder)} ${why}`);

export const badOption = (type: Class, message: string) => of(type, 'MARGAY_OPTION', `: ${message}`);

export const badSubprotocol = (type: Class, value: unknown) =>
  of(type, 'MARGAY_OPTION', `: subprotocols has ${spell(value)}; list tokens of letters, digits, "-", "." and "_", each once`);

export const handlerKind = (type: Class, handler: HandlerDescription): Problem => {
  const what = handler.isStatic
    ? 'static'
    : handler.isPrivate
      ? '#private'
      : handler.form === 'method'
        ? 'no function'
        : `${handler.form === 'accessor' ? 'an' : 'a'} ${handler.form}`;
  return {
    code: 'MARGAY_HANDLER_KIND',
    endpoint: nameOf(type),
    member: handler.member,
    message: `${nameOf(type)}.${handler.member} is ${what}; ${NAMES[handler.moment]} belongs on a public instance method`,
  };
};

export const duplicateHandler = (type: Class, first: HandlerDescription, second: HandlerDescription, native?: string): Problem =>
  at(
    type,
    first,
    'MARGAY_DUPLICATE_HANDLER',
    `and ${nameOf(second.declaredBy)}.${second.member}() both ${native === undefined ? `are ${NAMES[first.moment]}` : `take ${native}`}; keep one`,
  );

export const noMetadata = (type: Class, handler: HandlerDescription) =>
  handler.dialect === 'standard'
    ? at(type, handler, 'MARGAY_NO_METADATA', `says nothing of its parameters; list the bindings, as in ${BINDINGS[handler.moment]}`)
    : at(
        type,
        handler,
        'MARGAY_NO_METADATA',
        `has no parameter types at run time; compile with emitDecoratorMetadata (tsx and esbuild never emit it), or list the bindings, as in ${BINDINGS[handler.moment]}`,
      );

export const untyped = (type: Class, handler: HandlerDescription, index: number, emitted: unknown) =>
  at(
    type,
    handler,
    'MARGAY_UNTYPED',
    `has no type at run time (${nameOf(emitted)} was emitted); import its class as a value and not with "import type"${
      emitted === Function ? '' : ', take a class and no interface or union, write x?: T for T | null'
    }, or list the bindings, as in ${BINDINGS[handler.moment]}`,
    index,
  );

export const wrongParameter = (type: Class, handler: HandlerDescription, index: number, found: string) =>
  at(type, handler, 'MARGAY_PARAMETER', `is ${found}; ${NAMES[handler.moment]} takes ${TAKES[handler.moment]}`, index);

export const doubledParameter = (type: Class, handler: HandlerDescription, first: number, second: number, what: string) =>
  at(type, handler, 'MARGAY_PARAMETER', `is ${what} again, as parameter ${first} is; keep one`, second);

export const missingError = (type: Class, handler: HandlerDescription) =>
  at(type, handler, 'MARGAY_PARAMETER', 'takes no Error; add a parameter of type Error');

export const noPayload = (type: Class, handler: HandlerDescription) =>
  at(type, handler, 'MARGAY_PAYLOAD', 'has no payload; add a parameter for the message, such as message: string');

export const twoPayloads = (type: Class, handler: HandlerDescription, first: number, second: number) =>
  at(type, handler, 'MARGAY_PAYLOAD', `has two payloads (parameters ${first} and ${second}); keep one`);

export const lastWithout = (type: Class, handler: HandlerDescription) =>
  at(type, handler, 'MARGAY_PAYLOAD', 'has a last-part flag without text or bytes; add text or binary, or take the flag out');

/** Of node and of the web; ours are subclasses that tell. [D-02] */
const STREAMS: ReadonlySet<string> = new Set(['Readable', 'ReadableStream']);

/** `broader`: a decoder of a superclass, which is what people try first. [COD-6] */
export const noDecoder = (
  type: Class,
  handler: HandlerDescription,
  index: number,
  payload: unknown,
  broader?: { readonly name: string; readonly type: unknown },
) =>
  at(
    type,
    handler,
    'MARGAY_NO_DECODER',
    STREAMS.has(nameOf(payload))
      ? `is ${nameOf(payload)}, which does not say whether it is text or bytes; take margay's Reader for text, or InputStream for bytes`
      : `is ${nameOf(payload)}, which no message is turned into${
          broader === undefined ? '' : ` (${broader.name} makes a ${nameOf(broader.type)}, which need not be one)`
        }; list a decoder for it; or take string, Buffer, a plain type, Reader, InputStream or PongMessage`,
    index,
  );

export const mixedBindings = (type: Class, handler: HandlerDescription) => {
  const bound = [...handler.pathParams.values()].map(({ name }) => `pathParam('${String(name)}')`).join(', ');
  return at(type, handler, 'MARGAY_MIXED_BINDINGS', `has bindings and @PathParam; use ${bound} among the bindings`);
};

export const noBinding = (type: Class, handler: HandlerDescription, index: number, found: unknown) =>
  at(
    type,
    handler,
    'MARGAY_PARAMETER',
    `is bound to ${spell(found)}, which is no binding; use text, binary, session, pathParam('name') and so on`,
    index,
  );

export const badPathParam = (type: Class, handler: HandlerDescription, index: number, why: string) =>
  at(type, handler, 'MARGAY_PATH_PARAM', why, index);

export const badMessageSize = (type: Class, handler: HandlerDescription, size: unknown, most: number) =>
  at(
    type,
    handler,
    'MARGAY_MAX_MESSAGE_SIZE',
    `maxMessageSize ${spell(size)}; give a whole number of bytes, at most ${most}, or -1 for none`,
  );

export const badMessageOption = (type: Class, handler: HandlerDescription, message: string) => at(type, handler, 'MARGAY_OPTION', message);

export const notLoaded = (module: string, why: string): Problem => ({
  code: 'MARGAY_SCAN',
  message: `${module} cannot be loaded: ${why}`,
});

export const initializerFailed = (what: string, why: string, member?: string): Problem => ({
  code: 'MARGAY_INITIALIZER',
  ...(member === undefined ? {} : { member }),
  message: `${what} ${why}`,
});

export const badHandledType = (type: Class, handled: unknown) =>
  initializerFailed(
    nameOf(type),
    `has @HandlesTypes with ${spell(handled)}, which is neither a class nor ServerEndpoint; name a class, or the decorator itself and not what it returns`,
  );
