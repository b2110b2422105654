/** What makes a module of this folder a program: run by node it starts and says where it is; imported it only exports. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Something that runs, at an http URL. */
export interface Running {
  readonly url: string;
  close(): Promise<void>;
}

/** Port 0 picks a free one. */
export type Start = (port: number) => Promise<Running>;

/** @param module its `import.meta.url` */
export async function program(module: string, start: Start): Promise<void> {
  const [, main] = process.argv;
  if (main === undefined || realpathSync(main) !== fileURLToPath(module)) return;
  const running = await start(Number(process.env['PORT'] || 8080));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void running.close());
  console.log(running.url);
}
