import { describe, expect, it } from '@jest/globals';
import type { PerMessageDeflateOptions } from '../../../../src/api/endpoint-settings.js';
import { negotiateDeflate } from '../../../../src/container/negotiation/permessage-deflate.js';
import { type ExtensionEntry, extensionsOf } from '../../../../src/container/web/header-grammar.js';

/** Offers as a client writes them, one parameter list per argument; the response as it will be written. */
function answer(options: PerMessageDeflateOptions, ...offers: string[]): string | null {
  return (
    agreed(options, ...offers)
      ?.response.map(({ name, value }) => (value === null ? name : `${name}=${value}`))
      .join('; ') ?? null
  );
}

function agreed(options: PerMessageDeflateOptions, ...offers: string[]) {
  const entries = extensionsOf(offers.map((each) => `permessage-deflate; ${each}`)) as readonly ExtensionEntry[];
  return negotiateDeflate(
    options,
    entries.map(({ parameters }) => parameters),
  );
}

const KEEP: PerMessageDeflateOptions = { serverNoContextTakeover: false, clientNoContextTakeover: false };
const FORGET = 'server_no_context_takeover; client_no_context_takeover';

describe('permessage-deflate, server', () => {
  it('[D-34] neither side keeps its window by default, and the response says so unasked', () => {
    expect(agreed({}, '')).toEqual({
      parameters: { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 15, clientMaxWindowBits: 15 },
      response: [
        { name: 'server_no_context_takeover', value: null },
        { name: 'client_no_context_takeover', value: null },
      ],
    });
  });

  it.each<[PerMessageDeflateOptions, string, string]>([
    [KEEP, '', ''],
    [KEEP, 'server_no_context_takeover', 'server_no_context_takeover'],
    [KEEP, 'client_no_context_takeover', 'client_no_context_takeover'],
    [{}, 'server_no_context_takeover', FORGET],
    [{}, FORGET, FORGET],
    [KEEP, 'server_max_window_bits=15', 'server_max_window_bits=15'],
    [KEEP, 'server_max_window_bits=9', 'server_max_window_bits=9'],
    [KEEP, 'server_max_window_bits="10"', 'server_max_window_bits=10'],
    [{ ...KEEP, serverMaxWindowBits: 12 }, 'server_max_window_bits=10', 'server_max_window_bits=10'],
    [{ ...KEEP, serverMaxWindowBits: 12 }, 'server_max_window_bits=15', 'server_max_window_bits=12'],
    [{ ...KEEP, serverMaxWindowBits: 12 }, '', 'server_max_window_bits=12'],
    [KEEP, 'client_max_window_bits', 'client_max_window_bits=15'],
    [KEEP, 'client_max_window_bits=11', 'client_max_window_bits=11'],
    [KEEP, 'client_max_window_bits=8', 'client_max_window_bits=8'],
    [{ ...KEEP, clientMaxWindowBits: 10 }, 'client_max_window_bits', 'client_max_window_bits=10'],
    [{ ...KEEP, clientMaxWindowBits: 10 }, 'client_max_window_bits=9', 'client_max_window_bits=9'],
    [{ ...KEEP, clientMaxWindowBits: 10 }, 'client_max_window_bits=15', 'client_max_window_bits=10'],
    [{ ...KEEP, clientMaxWindowBits: 10 }, '', ''], // who did not offer it may not be told one
    [
      {},
      'client_max_window_bits; server_max_window_bits=10',
      'server_no_context_takeover; server_max_window_bits=10; client_no_context_takeover; client_max_window_bits=15',
    ],
  ])('[EXT-13] with %j, "%s" is answered "%s"', (options, offer, response) => {
    expect(answer(options, offer)).toBe(response);
  });

  it.each([
    'unknown',
    'server_no_context_takeover=1',
    'client_no_context_takeover=true',
    'server_no_context_takeover=',
    'server_no_context_takeover; server_no_context_takeover',
    'client_max_window_bits; client_max_window_bits=10',
    'server_max_window_bits',
    'server_max_window_bits=',
    'server_max_window_bits=7',
    'server_max_window_bits=8',
    'server_max_window_bits=16',
    'server_max_window_bits=010',
    'server_max_window_bits=1e1',
    'server_max_window_bits=+10',
    'client_max_window_bits=7',
    'client_max_window_bits=16',
    'client_max_window_bits=',
    'Server_no_context_takeover',
    '__proto__',
    'constructor=1',
  ])('[EXT-13] "%s" is declined, and the next offer taken', (offer) => {
    expect(answer({}, offer)).toBeNull();
    expect(answer({}, offer, 'server_max_window_bits=10')).toBe(
      'server_no_context_takeover; server_max_window_bits=10; client_no_context_takeover',
    );
  });

  it('[EXT-13] the first acceptable offer wins', () => {
    expect(answer(KEEP, 'server_max_window_bits=8', 'client_max_window_bits=12', 'client_max_window_bits=9')).toBe(
      'client_max_window_bits=12',
    );
    expect(negotiateDeflate({}, [])).toBeNull();
  });

  it('[EXT-13] the engine is told what was agreed', () => {
    expect(agreed({ ...KEEP, level: 1, memLevel: 4 }, 'server_max_window_bits=10; client_max_window_bits=12')?.parameters).toEqual({
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      serverMaxWindowBits: 10,
      clientMaxWindowBits: 12,
      level: 1,
      memLevel: 4,
    });
    expect(agreed({ ...KEEP, clientMaxWindowBits: 10 }, 'client_no_context_takeover')?.parameters).toMatchObject({
      clientNoContextTakeover: true,
      clientMaxWindowBits: 15,
    });
    expect(agreed(KEEP, 'server_no_context_takeover; client_max_window_bits=8')?.parameters).toMatchObject({
      serverNoContextTakeover: true,
      clientMaxWindowBits: 9,
    });
  });
});
