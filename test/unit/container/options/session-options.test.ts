/** What holds for a session on either end: nothing of a handshake among it, and every option with an effect. */
import { describe, expect, it } from '@jest/globals';
import { SESSION_OPTIONS, type SessionOptions } from '../../../../src/container/options/session-options.js';
import { Defaults, SessionSettings } from '../../../../src/container/options/session-settings.js';
import { read } from '../../../support/project.js';
import { declaredIn } from '../../parity/declared.js';

const FILE = 'src/api/endpoint-settings.ts';

const OTHER: Required<SessionOptions> = {
  maxTextMessageBufferSize: 11,
  maxBinaryMessageBufferSize: 12,
  maxIdleTimeout: 13,
  readIdleTimeout: 14,
  writeIdleTimeout: 15,
  asyncSendTimeout: 16,
  blockingSendTimeout: 17,
  closeTimeout: 18,
  abnormalCloseSendTimeout: 19,
  stuckCallbackAfter: 20,
  highWaterMark: 21,
  backlog: { events: 22, bytes: 23 },
  heartbeat: { interval: 24, missed: 25 },
  slowPeer: { mark: 26, patience: 27, cap: 28, policy: 'drop' },
  strict: true,
};
const keys = Object.keys(OTHER) as (keyof SessionOptions)[];
/** A third value of the same sort. */
function another(value: unknown): unknown {
  if (typeof value === 'number') return value + 100;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return 'wait';
  return Object.fromEntries(Object.entries(value as object).map(([key, each]) => [key, another(each)]));
}
const settingsOf = (container: SessionOptions, own: SessionOptions) =>
  new SessionSettings(container, new Defaults(container), own).settings;

describe('session options', () => {
  it('[D-36] know of every option of an endpoint that is none of its handshake', () => {
    const options = declaredIn(FILE, read(FILE)).find(({ name }) => name === 'EndpointSettings')?.members ?? [];
    const handshake = ['allowedOrigins', 'rolesAllowed', 'challenge', 'confidential', 'hookTimeout', 'perMessageDeflate'];
    expect([...options].filter((key) => !handshake.includes(key)).sort()).toEqual([...keys].sort());
    expect(Object.keys(SESSION_OPTIONS).sort()).toEqual([...keys].sort());
  });

  it.each(keys)('[D-36] %s: what is given changes what holds, and its own goes before the container’s', (key) => {
    const [none, container, own] = [settingsOf({}, {}), settingsOf({ [key]: OTHER[key] }, {}), settingsOf({}, { [key]: OTHER[key] })];
    expect(container).not.toEqual(none);
    expect(own).toEqual(container);
    const both = settingsOf({ [key]: another(OTHER[key]) }, { [key]: OTHER[key] });
    expect(both).toEqual(own);
    expect(SESSION_OPTIONS[key](OTHER[key])).toBeNull();
    expect(SESSION_OPTIONS[key]('odd')).not.toBeNull();
  });

  it('[CON-5] are one frozen object until a default is changed', () => {
    const defaults = new Defaults({});
    const settings = new SessionSettings({}, defaults, {});
    const before = settings.settings;
    expect(Object.isFrozen(before)).toBe(true);
    expect(settings.settings).toBe(before);
    defaults.maxIdleTimeout = 5;
    expect(settings.settings).toEqual({ ...before, maxIdleTimeout: 5 });
  });
});
