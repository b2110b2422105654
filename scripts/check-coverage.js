// Reads what `npm run coverage` has left in coverage/lcov.info: lines reached by room, and those that no test reaches.
//
//   node scripts/check-coverage.js     fails below 95 % of the lines of a room that is held to it, and for a line there that
//                                      no test reaches unless a comment says why: `// untested: …`, on the line, on one of
//                                      those it stands among, or right above them
//
// What runs in a process of its own (the command, the memory server, workers) does not count; files of types alone hold no lines.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const HELD = ['runtime', 'container', 'transport', 'servlet', 'catalina'];
/** Workers and their primary are processes that test/spec/workers starts. */
const OUTSIDE = 'src/container/workers/';
const LEAST = 0.95;
const MARK = /\/\/ untested: \S/;
/** The end of a block says nothing by itself: behind a loop that is only left from within no program ever comes. */
const BRACKETS = /^[\s})\];,]*$/;
const root = join(import.meta.dirname, '..');

const report = join(root, 'coverage/lcov.info');
if (!existsSync(report)) end(['coverage/lcov.info is missing; run npm run coverage']);

/** By file: the lines that were looked at, and how often each ran; a file of two compilations by the better one. */
const files = new Map();
let lines = new Map();
for (const line of readFileSync(report, 'utf8').split('\n')) {
  if (line.startsWith('SF:')) {
    const file = line.slice(3).replaceAll('\\', '/');
    lines = files.get(file) ?? new Map();
    files.set(file, lines);
  } else if (line.startsWith('DA:')) {
    const [number, times] = line.slice(3).split(',').map(Number);
    lines.set(number, Math.max(lines.get(number) ?? 0, times));
  }
}

const rooms = new Map();
const problems = [];
for (const [file, lines] of [...files].sort()) {
  if (!file.startsWith('src/') || file.startsWith(OUTSIDE) || holdsNothing(file)) continue;
  const room = file.split('/').length > 2 ? file.split('/')[1] : 'doors';
  const sum = rooms.get(room) ?? { all: 0, reached: 0 };
  rooms.set(room, { all: sum.all + lines.size, reached: sum.reached + [...lines.values()].filter((times) => times > 0).length });
  if (HELD.includes(room)) problems.push(...unexplained(file, lines));
}

for (const [room, { all, reached }] of rooms) {
  const share = reached / all;
  console.log(`${room.padEnd(12)} ${(100 * share).toFixed(2).padStart(6)} % of ${all} lines`);
  if (HELD.includes(room) && share < LEAST) problems.push(`${room}: fewer than ${100 * LEAST} % of its lines are reached by a test`);
}
problems.push(...HELD.filter((room) => !rooms.has(room)).map((room) => `${room}: no line of it was looked at`));
end(problems);

/** Only types: the compiler has left nothing of it but imports. */
function holdsNothing(file) {
  const compiled = join(root, 'dist-test', file.replace(/\.ts$/, '.js'));
  if (!existsSync(compiled)) return false;
  return (
    readFileSync(compiled, 'utf8')
      .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      .replace(/^(?:export \{\}|import '[^']+');?$/gm, '')
      .trim() === ''
  );
}

/** Runs of lines that no test reaches and no comment explains. */
function unexplained(file, lines) {
  const text = readFileSync(join(root, file), 'utf8').split('\n'); // line 1 is text[0]
  const missed = [...lines]
    .filter(([, times]) => times === 0)
    .map(([number]) => number)
    .sort((a, b) => a - b);
  const runs = [];
  for (const number of missed) {
    const run = runs.at(-1);
    if (run !== undefined && run.to === number - 1) run.to = number;
    else runs.push({ from: number, to: number });
  }
  return runs
    .filter(({ from, to }) => !text.slice(from - 1, to).every((line) => BRACKETS.test(line)))
    .filter(({ from, to }) => !text.slice(Math.max(0, from - 2), to).some((line) => MARK.test(line)))
    .map(
      ({ from, to }) => `${file}:${from}${to > from ? `-${to}` : ''}: no test reaches it; write one, delete it, or say why: // untested: …`,
    );
}

function end(problems) {
  for (const problem of problems) console.error(problem);
  process.exit(problems.length > 0 ? 1 : 0);
}
