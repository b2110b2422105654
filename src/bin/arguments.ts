/** What was written behind `margay`, taken apart. */
import { parseArgs } from 'node:util';
import { nearest } from '../container/options/spelling.js';

/** Nothing that can be run: exit code 2. */
export class Misuse extends Error {}

/** What `margay serve` was told; what was left out is undefined. */
export interface ServeArguments {
  readonly command: 'serve';
  readonly paths: readonly string[];
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly contextPath: string | undefined;
  readonly allowedOrigins: '*' | readonly string[] | undefined;
  readonly trustProxy: boolean | readonly string[] | undefined;
  readonly deflate: boolean;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly initializers: readonly string[];
  readonly workers: number;
}

export type Arguments = ServeArguments | { readonly command: 'help' | 'version' };

/** By flag: whether it takes a value, and the line of `--help`. */
const FLAGS = {
  port: { value: 'yes', shown: '<number>', help: 'default 8080, or PORT in the environment; 0 picks a free one' },
  host: { value: 'yes', shown: '<name>', help: 'the address to listen on; default every one' },
  'context-path': { value: 'yes', shown: '<path>', help: 'below which the endpoints lie, such as /app' },
  'allowed-origin': { value: 'yes', shown: '<origin>', help: 'whose pages may connect; may be repeated, * is any' },
  'trust-proxy': {
    value: 'maybe',
    shown: '[=<list>]',
    help: 'believe forwarding headers: of any direct peer, or of addresses and CIDR ranges',
  },
  deflate: { value: 'no', shown: '', help: 'compress messages for clients that ask for it' },
  'tls-cert': { value: 'yes', shown: '<file>', help: 'PEM; together with --tls-key: https and wss' },
  'tls-key': { value: 'yes', shown: '<file>', help: 'PEM' },
  workers: { value: 'yes', shown: '<number>', help: 'processes that serve, each with sessions of its own; default 1' },
  initializer: { value: 'yes', shown: '<module>', help: 'whose exports are initializers; may be repeated' },
  help: { value: 'no', shown: '', help: 'this text' },
  version: { value: 'no', shown: '', help: 'the version of margay' },
} as const;

type Flag = keyof typeof FLAGS;
const COMMANDS = ['serve'];

export const HELP = `margay serve <paths...>

Serves the endpoints that compiled modules (.js, .mjs) export: folders, files or patterns.

${Object.entries(FLAGS)
  .map(([flag, { shown, help }]) => `  ${`--${flag} ${shown}`.replace(' [', '[').padEnd(27)}${help}`)
  .join('\n')}
`;

/** @throws Misuse with words that name the nearest */
export function argumentsOf(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Arguments {
  const given = taken(args);
  if (given.has('help')) return { command: 'help' };
  if (given.has('version')) return { command: 'version' };
  const [command, ...paths] = given.positionals;
  if (command === undefined) throw new Misuse('no command; try margay serve <paths...>');
  if (!COMMANDS.includes(command)) throw new Misuse(`unknown command "${command}"; ${meant(command, COMMANDS, (each) => each)}`);
  if (paths.length === 0) throw new Misuse('no path; try margay serve ./endpoints');
  const origins = given.all('allowed-origin');
  const [tlsCert, tlsKey] = [given.last('tls-cert'), given.last('tls-key')];
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new Misuse(
      `--tls-${tlsCert === undefined ? 'key' : 'cert'} stands without --tls-${tlsCert === undefined ? 'cert' : 'key'}; give both`,
    );
  }
  return {
    command: 'serve',
    paths,
    port: portOf('--port', given.last('port')) ?? portOf('PORT', environment['PORT'] || undefined),
    host: given.last('host'),
    contextPath: given.last('context-path'),
    allowedOrigins: origins.length === 0 ? undefined : origins.includes('*') ? '*' : origins,
    trustProxy: given.has('trust-proxy') ? (given.last('trust-proxy')?.split(',') ?? true) : undefined,
    deflate: given.has('deflate'),
    tlsCert,
    tlsKey,
    initializers: given.all('initializer'),
    workers: workersOf(given.last('workers')),
  };
}

class Given {
  readonly positionals: string[] = [];
  readonly #flags = new Map<Flag, (string | undefined)[]>();

  add(flag: Flag, value: string | undefined): void {
    this.#flags.set(flag, [...(this.#flags.get(flag) ?? []), value]);
  }

  has(flag: Flag): boolean {
    return this.#flags.has(flag);
  }

  all(flag: Flag): string[] {
    return (this.#flags.get(flag) ?? []).filter((value) => value !== undefined);
  }

  last(flag: Flag): string | undefined {
    return this.#flags.get(flag)?.at(-1);
  }
}

function taken(args: readonly string[]): Given {
  const options = Object.fromEntries(
    Object.entries(FLAGS).map(([flag, { value }]) => [flag, { type: value === 'yes' ? ('string' as const) : ('boolean' as const) }]),
  );
  // Not strict: node's own objections neither name the nearest flag nor know one whose value may be left out.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const given = new Given();
  for (const token of tokens) {
    if (token.kind === 'positional') given.positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (!Object.hasOwn(FLAGS, token.name)) {
      throw new Misuse(`unknown flag ${token.rawName}; ${meant(token.name, Object.keys(FLAGS), (flag) => `--${flag}`)}`);
    }
    const flag = token.name as Flag;
    const { value } = token;
    const isMissing = value === undefined || value === '' || (!token.inlineValue && value.startsWith('-'));
    if (FLAGS[flag].value === 'yes' && isMissing) throw new Misuse(`--${flag} needs a value; write --${flag}=<value>`);
    if (FLAGS[flag].value === 'no' && value !== undefined) throw new Misuse(`--${flag} takes no value; leave out "${value}"`);
    given.add(flag, value);
  }
  return given;
}

function meant(word: string, known: readonly string[], spelled: (word: string) => string): string {
  const near = nearest(word, known);
  return near === undefined ? `known are ${known.map(spelled).join(', ')}` : `did you mean ${spelled(near)}?`;
}

function portOf(where: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new Misuse(`${where} is "${value}"; give a whole number from 0 to 65535`);
}

function workersOf(value: string | undefined): number {
  if (value === undefined || /^[1-9]\d{0,3}$/.test(value)) return Number(value ?? 1);
  throw new Misuse(`--workers is "${value}"; give a whole number above 0`);
}
