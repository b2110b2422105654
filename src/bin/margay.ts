#!/usr/bin/env node
/** The command `margay`. */
import { createRequire } from 'node:module';
import { type Arguments, argumentsOf, HELP, Misuse } from './arguments.js';
import { serveCommand } from './serve-command.js';

let isEnding = false;
const output = {
  said: (line: string) => void process.stdout.write(`${line}\n`),
  complained(line: string) {
    if (!isEnding) process.stderr.write(`${line}\n`); // that it cannot start any more is no news then
  },
};

/** Both signals drain; one that comes again, as a shell's and npm's do together, changes nothing. [REL-16, D-32] */
function ends(end: () => Promise<void>): void {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      isEnding = true;
      void end().then(() => process.exit(0));
    });
  }
}

async function run(): Promise<number | null> {
  const given: Arguments = argumentsOf(process.argv.slice(2), process.env);
  if (given.command === 'serve') return serveCommand(given, output, ends);
  if (given.command === 'help') process.stdout.write(HELP);
  else output.said((createRequire(import.meta.url)('margay/package.json') as { version: string }).version);
  return 0;
}

run()
  .catch((error: unknown) => {
    if (!(error instanceof Misuse)) throw error;
    output.complained(`margay: ${error.message}`);
    return 2;
  })
  .then((code) => {
    if (code !== null && !isEnding) process.exit(code); // whatever the modules that were loaded keep running
  });
