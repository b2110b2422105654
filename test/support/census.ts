/** Counts the objects on the heap by class, from a snapshot that V8 takes after collecting garbage. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getHeapSnapshot } from 'node:v8';

export type Census = Readonly<Record<string, number>>;

/** Of every class that has an instance. Of the snapshot only the nodes and the names are looked at: the edges are most of it. */
export async function census(): Promise<Census> {
  const chunks: string[] = [];
  for await (const chunk of getHeapSnapshot()) chunks.push(String(chunk));
  const text = chunks.join('');
  const { meta } = JSON.parse(between(text, '"snapshot":', ',\n"nodes":')) as { meta: Meta };
  const nodes = JSON.parse(between(text, '"nodes":', ',\n"edges":')) as number[];
  const names = JSON.parse(text.slice(text.lastIndexOf('"strings":') + '"strings":'.length, text.lastIndexOf('}'))) as string[];
  const width = meta.node_fields.length;
  const type = meta.node_fields.indexOf('type');
  const name = meta.node_fields.indexOf('name');
  const object = meta.node_types[type]?.indexOf('object');
  const counts = new Map<number, number>();
  for (let at = 0; at < nodes.length; at += width) {
    if (nodes[at + type] !== object) continue;
    const id = nodes[at + name] as number;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].map(([id, count]) => [names[id], count]));
}

/** What a snapshot says of itself. */
interface Meta {
  readonly node_fields: readonly string[];
  readonly node_types: readonly (readonly string[])[];
}

function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start) + start.length;
  return text.slice(from, text.indexOf(end, from));
}

/** The names of all classes that our own files declare. */
export function ownClasses(): string[] {
  const src = fileURLToPath(new URL('../../src/', import.meta.url));
  const files = (readdirSync(src, { recursive: true }) as string[]).filter((file) => file.endsWith('.js'));
  return files.flatMap((file) =>
    [...readFileSync(src + file, 'utf8').matchAll(/^(?:export )?class (\w+)/gm)].map((match) => match[1] as string),
  );
}

/** Those of which there are more than before, of the classes that were asked about: how many they were and are. */
export function grown(names: readonly string[], before: Census, after: Census): Record<string, string> {
  const more = names.filter((name) => (after[name] ?? 0) > (before[name] ?? 0));
  return Object.fromEntries(more.map((name) => [name, `${before[name] ?? 0} -> ${after[name]}`]));
}
