/** `npm run soak`: the examples under load and attack, ten minutes or `--minutes`. See docs/soak.md. */
import { optionsOf } from './options.js';
import { report } from './report.js';
import { ServerProcess } from './server-process.js';
import { soak } from './soak.js';
import { verdictsOn } from './verdicts.js';

// exits by itself, since a soak that has failed in the middle leaves clients behind who would go on
try {
  process.exit(await run());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function run(): Promise<number> {
  const options = optionsOf(process.argv.slice(2));
  const stopped = new AbortController();
  console.log(`soak: ${options.minutes} minutes, --seed ${options.seed}`);
  const server = await ServerProcess.start();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopped.signal.aborted) void server.stop().finally(() => process.exit(1)); // twice: at once
      stopped.abort();
    });
  }
  try {
    const outcome = await soak(server, options, stopped.signal);
    const verdicts = verdictsOn(outcome, server);
    report(outcome, verdicts);
    const failed = verdicts.filter(({ holds, isAsserted }) => isAsserted && !holds).length;
    const end = stopped.signal.aborted ? 'stopped early' : failed > 0 ? `${failed} FAILED` : 'passed';
    console.log(`\nsoak ${end}`);
    return stopped.signal.aborted || failed > 0 ? 1 : 0;
  } catch (error) {
    for (const line of server.complaints) console.error(line);
    throw error;
  } finally {
    await server.stop();
  }
}
