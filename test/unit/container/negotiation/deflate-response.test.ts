/** What a client makes of an answer to its offers of permessage-deflate. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { acceptedDeflate } from '../../../../src/container/negotiation/deflate-response.js';
import { negotiateDeflate } from '../../../../src/container/negotiation/permessage-deflate.js';
import { type ExtensionEntry, extensionsOf } from '../../../../src/container/web/header-grammar.js';
import { holds, seed } from '../../../support/property.js';

const parametersIn = (text: string) => (extensionsOf([`x; ${text}`]) as ExtensionEntry[])[0]?.parameters ?? [];

/** Offers apart by commas; `serverForgets clientForgets serverBits clientBits`, or the objection without its beginning. */
function outcome(offers: string, response: string): string {
  const accepted = acceptedDeflate(offers.split(',').map(parametersIn), parametersIn(response));
  if ('objection' in accepted) return accepted.objection.replace(/^The server accepted permessage-deflate /, '');
  const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits, level, memLevel } =
    accepted.parameters;
  expect([level, memLevel]).toEqual([undefined, undefined]);
  expect(accepted.response).toEqual(parametersIn(response));
  return `${serverNoContextTakeover} ${clientNoContextTakeover} ${serverMaxWindowBits} ${clientMaxWindowBits}`;
}

describe('acceptedDeflate', () => {
  it.each([
    ['', '', 'false false 15 15'],
    ['', 'server_no_context_takeover', 'true false 15 15'],
    ['', 'client_no_context_takeover', 'false true 15 15'],
    ['', 'server_max_window_bits=10', 'false false 10 15'],
    ['', 'server_max_window_bits="10"', 'false false 10 15'],
    ['', 'server_max_window_bits=8', 'false false 9 15'],
    ['server_no_context_takeover', 'server_no_context_takeover', 'true false 15 15'],
    ['client_no_context_takeover', '', 'false true 15 15'],
    ['server_max_window_bits=12', 'server_max_window_bits=12', 'false false 12 15'],
    ['server_max_window_bits=12', 'server_max_window_bits=9', 'false false 9 15'],
    ['server_max_window_bits=8', 'server_max_window_bits=8', 'false false 9 15'],
    ['client_max_window_bits', '', 'false false 15 15'],
    ['client_max_window_bits', 'client_max_window_bits=9', 'false false 15 9'],
    ['client_max_window_bits=12', 'client_max_window_bits=12', 'false false 15 12'],
    ['client_max_window_bits=12', '', 'false false 15 12'],
    ['server_max_window_bits=10, ', '', 'false false 15 15'],
    ['server_max_window_bits=10, client_max_window_bits', 'client_max_window_bits=11', 'false false 15 11'],
  ])('[CLI-6] "%s" answered "%s" is run with %s', (offers, response, parameters) => {
    expect(outcome(offers, response)).toBe(parameters);
  });

  it.each([
    ['', 'foo', 'with the parameter "foo", which it does not have.'],
    ['foo=1', 'foo=1', 'with the parameter "foo", which it does not have.'],
    ['', 'Server_no_context_takeover', 'with the parameter "Server_no_context_takeover", which it does not have.'],
    ['', '__proto__', 'with the parameter "__proto__", which it does not have.'],
    ['', 'server_no_context_takeover; server_no_context_takeover', 'with server_no_context_takeover twice.'],
    ['', 'server_max_window_bits=10; server_max_window_bits=11', 'with server_max_window_bits twice.'],
    ['', 'server_no_context_takeover=1', 'with a value of server_no_context_takeover, which has none.'],
    ['', 'client_no_context_takeover=""', 'with a value of client_no_context_takeover, which has none.'],
    ['', 'server_max_window_bits', 'with server_max_window_bits, which needs a value from 8 to 15.'],
    ['client_max_window_bits', 'client_max_window_bits', 'with client_max_window_bits, which needs a value from 8 to 15.'],
    ['', 'server_max_window_bits=7', 'with server_max_window_bits="7", which needs a value from 8 to 15.'],
    ['', 'server_max_window_bits=16', 'with server_max_window_bits="16", which needs a value from 8 to 15.'],
    ['', 'server_max_window_bits=010', 'with server_max_window_bits="010", which needs a value from 8 to 15.'],
    ['server_no_context_takeover', '', 'without server_no_context_takeover, which was offered.'],
    ['server_max_window_bits=12', '', 'without server_max_window_bits, which was offered.'],
    ['server_max_window_bits=12', 'server_max_window_bits=13', 'with server_max_window_bits=13, though 12 was offered.'],
    ['server_max_window_bits=8', 'server_max_window_bits=9', 'with server_max_window_bits=9, though 8 was offered.'],
    ['', 'client_max_window_bits=10', 'with client_max_window_bits, which was not offered.'],
    ['client_max_window_bits=12', 'client_max_window_bits=13', 'with client_max_window_bits=13, though 12 was offered.'],
    ['client_max_window_bits', 'client_max_window_bits=8', 'with client_max_window_bits=8, which zlib cannot do: its least is 9.'],
    ['client_max_window_bits=8', '', 'with client_max_window_bits=8, which zlib cannot do: its least is 9.'],
    ['server_no_context_takeover, server_max_window_bits=9', '', 'without server_no_context_takeover, which was offered.'],
  ])('[CLI-6] "%s" answered "%s" is refused: %s', (offers, response, objection) => {
    expect(outcome(offers, response)).toBe(objection);
  });

  it(`[CLI-6, EXT-13, REL-15] both ends run what the server has answered in the same way (seed ${seed})`, () => {
    const bits = fc.integer({ min: 9, max: 15 });
    const options = fc.record(
      {
        serverNoContextTakeover: fc.boolean(),
        clientNoContextTakeover: fc.boolean(),
        serverMaxWindowBits: bits,
        clientMaxWindowBits: bits,
      },
      { requiredKeys: [] },
    );
    const offer = fc.uniqueArray(
      fc.oneof(
        fc
          .constantFrom('server_no_context_takeover', 'client_no_context_takeover', 'client_max_window_bits')
          .map((name) => ({ name, value: null })),
        fc.record({ name: fc.constantFrom('server_max_window_bits', 'client_max_window_bits'), value: bits.map(String) }),
      ),
      { selector: ({ name }) => name },
    );
    holds(fc.record({ options, offers: fc.array(offer, { minLength: 1, maxLength: 3 }) }), ({ options: theirs, offers }) => {
      const answered = negotiateDeflate(theirs, offers);
      if (answered === null) throw new Error('the server declined');
      const accepted = acceptedDeflate(offers.slice(0, 1), answered.response); // the server takes the first legal one
      if ('objection' in accepted) throw new Error(accepted.objection);
      expect(accepted.parameters).toEqual({ ...answered.parameters, level: undefined, memLevel: undefined });
    });
  });
});
