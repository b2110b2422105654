/** Deploys classes without a port, to hear what the container says of them. */
import { type Class, DeploymentException, type LogFields, type Logger, ServerContainer, serve } from 'margay';
import type { Line } from './start.js';

/** Deploys them; resolves with the container and what it logged. */
export async function deploy(
  ...classes: readonly Class[]
): Promise<{ readonly container: ServerContainer; readonly log: readonly Line[] }> {
  const { logger, log } = listening();
  const container = new ServerContainer({ logger });
  for (const each of classes) await container.addEndpoint(each);
  return { container, log };
}

/** The exception with which they are refused, all together if there are several. */
export async function refused(...classes: readonly unknown[]): Promise<DeploymentException> {
  const { logger } = listening();
  const list = classes as readonly Class[];
  const deployed =
    list.length === 1 ? new ServerContainer({ logger }).addEndpoint(list[0] as Class) : serve({ endpoints: list, logger, port: 0 });
  const outcome = await deployed.then(
    async (container) => {
      await container?.close();
      return 'it was deployed';
    },
    (error: unknown) => error,
  );
  if (outcome instanceof DeploymentException) return outcome;
  throw new Error(`no DeploymentException: ${String(outcome)}`);
}

function listening(): { readonly logger: Logger; readonly log: Line[] } {
  const log: Line[] = [];
  const write = (level: keyof Logger) => (fields: LogFields, message: string) => void log.push({ ...fields, level, message });
  return { log, logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') } };
}
