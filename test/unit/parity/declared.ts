/** The members that a source file declares, by name and number of parameters. The files are formatted, so lines tell enough. */

/** One class, interface or constant object. */
export interface Declaration {
  /** With the namespace it stands in: `Decoder.Text`. */
  readonly name: string;
  readonly file: string;
  /** A value is a constant object: what is in it is nobody's to inherit. */
  readonly kind: string;
  readonly parents: readonly string[];
  /** `member/arity`; a bare name for what is no method; `new/arity` for a constructor. */
  readonly members: Set<string>;
  /** Names of those that are marked `@internal`: there at run time, and in no declaration file. */
  readonly internal: Set<string>;
  /** Static members that are classes, by name: `Builder` → `ConfigBuilder`. */
  readonly inner: Map<string, string>;
}

const BLOCK =
  /^( *)(?:export )?(?:declare )?(?:abstract )?(class|interface|namespace) (\w+)(?:<.*?>)?(?: (?:extends|implements) (.*?))? \{(\})?$/;
const VALUE = /^()(?:export )?const (\w+)(?:: [\w.]+)? = Object\.freeze\(\{$/;
const MEMBER = /^((?:static|abstract|override|readonly|private|protected|async|get|set) )*(\w+)\??(?:<[^(]*>)?(\(|: (?:<[^(]*>)?\(|:)/;

/** What a file declares, but for its private members. */
export function declaredIn(file: string, source: string): Declaration[] {
  const lines = withoutComments(source).split('\n');
  const found: Declaration[] = [];
  const open: { indent: number; declaration: Declaration | null; scope: string }[] = [];
  lines.forEach((line, i) => {
    const inside = open.at(-1);
    const indent = line.search(/\S/);
    if (inside !== undefined && indent === inside.indent && /^ *\}/.test(line)) open.pop();
    const [, , kind, name, heritage, isEmpty] = BLOCK.exec(line) ?? VALUE.exec(line)?.toSpliced(2, 0, 'value') ?? [];
    if (name !== undefined) {
      const scope = open.at(-1)?.scope ?? '';
      const declaration = kind === 'namespace' ? null : declare({ name: `${scope}${name}`, file, kind: kind as string }, heritage, scope);
      if (declaration !== null) found.push(declaration);
      if (isEmpty === undefined) open.push({ indent, declaration, scope: `${scope}${name}.` });
      return;
    }
    if (inside?.declaration && indent === inside.indent + 2) addMember(inside.declaration, lines, i);
  });
  return found;
}

/** The names a door lets out, types too, and the file each comes from. */
export function exportsOf(door: string): Map<string, string> {
  const clauses = withoutComments(door).matchAll(/^export (?:type )?\{([^}]*)\} from '\.\/([^']+)\.js'/gm);
  return new Map(
    [...clauses].flatMap(([, names, from]) =>
      (names as string)
        .split(',')
        .map((name) => name.replace(/\btype\b/, '').trim())
        .filter((name) => name !== '')
        .map((name): [string, string] => [name, `src/${from}.ts`]),
    ),
  );
}

/** The number of parameters a list of them, in parentheses, can be called with. */
export function aritiesOf(list: string): number[] {
  const parameters = topLevel(list.replaceAll('=>', '').slice(1, -1));
  const least = parameters.filter((each) => !/^\w+\?|^\.\.\.| = /.test(each)).length;
  return Array.from({ length: parameters.length - least + 1 }, (_, i) => least + i);
}

function declare(what: Pick<Declaration, 'name' | 'file' | 'kind'>, heritage: string | undefined, scope: string): Declaration {
  const parents = topLevel((heritage ?? '').replaceAll(' implements ', ', ').replaceAll(' extends ', ', '));
  const named = parents.map((each) => each.replace(/<.*/, '')).filter((each) => `${scope}${each}` !== what.name);
  return { ...what, parents: named, members: new Set(), internal: new Set(), inner: new Map() };
}

function addMember({ kind, members, internal, inner }: Declaration, lines: readonly string[], at: number): void {
  const text = lines
    .slice(at, at + 20)
    .join('\n')
    .trimStart();
  const [matched = 'private', , name = '', mark = ''] = MEMBER.exec(text) ?? [];
  const [, isClass] = /^static readonly \w+: typeof (\w+)/.exec(text) ?? [];
  if (/\bprivate\b/.test(matched)) return;
  if (lines[at - 1]?.includes(INTERNAL)) internal.add(name);
  else if (isClass !== undefined) inner.set(name, isClass);
  else if (isProperty(kind, matched, mark)) members.add(name);
  else {
    const called = name === 'constructor' ? 'new' : name;
    for (const arity of aritiesOf(parenthesised(text.slice(matched.length - 1)))) members.add(`${called}/${arity}`);
  }
}

/** Accessors are properties; what is of a function's type is a method of constant objects alone. */
const isProperty = (kind: string, matched: string, mark: string) =>
  !mark.endsWith('(') || /\b[gs]et /.test(matched) || (mark !== '(' && kind !== 'value');

const INTERNAL = '@internal';

function withoutComments(source: string): string {
  const kept = (comment: string) => (comment.includes(INTERNAL) ? INTERNAL : '');
  return source.replace(/\/\*[\s\S]*?\*\//g, kept).replace(/(^|[ ;,{])\/\/.*$/gm, '$1');
}

function parenthesised(text: string): string {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth === 0) return text.slice(0, i + 1);
  }
  throw new Error(`no end of parentheses in ${text.slice(0, 80)}`);
}

/** What commas separate, outside of brackets. */
function topLevel(list: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const char of list) {
    if ('([{<'.includes(char)) depth++;
    if (')]}>'.includes(char)) depth--;
    if (char === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
