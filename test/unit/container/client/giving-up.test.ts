/** Who waits for work that may never end. */
import { describe, expect, it } from '@jest/globals';
import { ClientEndpoint } from 'margay';
import { unlessAborted } from '../../../../src/container/client/giving-up.js';
import { faraway } from '../../../support/fake-reach.js';

const never = new Promise<never>(() => {});

describe('[CON-8, D-32] work that is waited for as long as it is wanted', () => {
  it('is not waited for where it was given up before it began', async () => {
    const late: number[] = [];
    const given = AbortSignal.abort('enough');
    await expect(unlessAborted(given, never, () => {})).rejects.toBe('enough');
    await expect(unlessAborted(given, Promise.resolve(7), (seven) => late.push(seven))).rejects.toBe('enough');
    expect(late).toEqual([7]);
  });

  it('that has come is not late, whatever happens before its result is looked at', async () => {
    const giving = new AbortController();
    const late: number[] = [];
    let come!: (seven: number) => void;
    const work = new Promise<number>((resolve) => {
      come = resolve;
    });
    const result = unlessAborted(giving.signal, work, (seven) => late.push(seven));
    void work.then(() => giving.abort()); // behind the one who waits, and before who waits for him
    come(7);
    expect(await result).toBe(7);
    expect([giving.signal.aborted, late]).toEqual([true, []]);
  });

  it('fails with its own error, which nobody else hears of', async () => {
    const giving = new AbortController();
    await expect(unlessAborted(giving.signal, Promise.reject(new Error('own')), () => {})).rejects.toThrow('own');
    const result = unlessAborted(giving.signal, never, () => {});
    giving.abort('enough');
    await expect(result).rejects.toBe('enough');
  });
});

it('[CLI-1, CON-8] a connection that is given up between the answer and its acceptance: MARGAY_CONNECT, as ever', async () => {
  @ClientEndpoint
  class Client {}
  const { connect, connector, reach } = faraway();
  reach.reach = async ({ uri, signal }) => ({
    uri,
    subprotocol: '',
    extensions: [],
    accept: async () => {
      connector.close();
      signal.throwIfAborted();
    },
    drop() {},
  });
  await expect(connect(Client)).rejects.toMatchObject({ name: 'DeploymentException', code: 'MARGAY_CONNECT' });
});
