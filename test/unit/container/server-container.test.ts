/** A container that is closed while it begins to listen. */
import { expect, it } from '@jest/globals';
import { ServerContainer } from 'margay';
import type { Transport } from '../../../src/transport/spi.js';
import { gate } from '../../support/eventually.js';

it('listen() that is overtaken by close() fails, and its engine is stopped', async () => {
  const bound = gate();
  const calls: string[] = [];
  const transport: Transport = {
    async start() {
      calls.push('start');
      await bound.promise;
    },
    async stop() {
      calls.push('stop');
    },
  };
  const container = new ServerContainer({ transport });
  const listening = expect(container.listen({ port: 0 })).rejects.toMatchObject({ name: 'IllegalStateException' });
  const closing = container.close();
  bound.open();
  await listening;
  await closing;
  expect(calls[0]).toBe('start');
  expect(calls).toContain('stop');
});
