/** How permessage-deflate is agreed on, seen from the server (RFC 7692, 7.1) [EXT-13, D-34]. */
import type { PerMessageDeflateOptions } from '../../api/endpoint-settings.js';
import type { DeflateParameters } from '../../transport/spi.js';
import type { ExtensionParameter } from '../web/header-grammar.js';
import { CLIENT_BITS, CLIENT_FORGETS, FEWEST, isBits, MOST, SERVER_BITS, SERVER_FORGETS } from './deflate-parameters.js';

/** What both sides will do, and the parameters that say so. */
export interface DeflateAgreement {
  readonly parameters: DeflateParameters;
  readonly response: readonly ExtensionParameter[];
}

/** Takes the first offer that we can keep; null if there is none. */
export function negotiateDeflate(
  options: PerMessageDeflateOptions,
  offers: Iterable<readonly ExtensionParameter[]>,
): DeflateAgreement | null {
  for (const offer of offers) {
    const wishes = wishesOf(offer);
    if (wishes !== null) return agree(options, wishes);
  }
  return null;
}

type Wishes = ReadonlyMap<string, string | null>;

/** An offer by name; null if it has to be declined: a parameter unknown, doubled, out of range or with the wrong sort of value. */
function wishesOf(offer: readonly ExtensionParameter[]): Wishes | null {
  const wishes = new Map<string, string | null>();
  for (const { name, value } of offer) {
    if (wishes.has(name) || !isLegal(name, value)) return null;
    wishes.set(name, value);
  }
  return wishes;
}

function isLegal(name: string, value: string | null): boolean {
  switch (name) {
    case SERVER_FORGETS:
    case CLIENT_FORGETS:
      return value === null;
    case SERVER_BITS:
      return isBits(value) && Number(value) >= FEWEST;
    case CLIENT_BITS:
      return value === null || isBits(value);
    default:
      return false;
  }
}

function agree(options: PerMessageDeflateOptions, wishes: Wishes): DeflateAgreement {
  const serverForgets = wishes.has(SERVER_FORGETS) || (options.serverNoContextTakeover ?? true);
  const clientForgets = wishes.has(CLIENT_FORGETS) || (options.clientNoContextTakeover ?? true);
  const serverBits = Math.min(options.serverMaxWindowBits ?? MOST, Number(wishes.get(SERVER_BITS) ?? MOST));
  // Who did not offer client_max_window_bits may not be told one, and may use the whole window (RFC 7692, 7.1.2.2).
  const limitable = wishes.has(CLIENT_BITS);
  const clientBits = limitable ? Math.min(options.clientMaxWindowBits ?? MOST, Number(wishes.get(CLIENT_BITS) ?? MOST)) : MOST;

  const response: ExtensionParameter[] = [];
  if (serverForgets) response.push({ name: SERVER_FORGETS, value: null });
  if (wishes.has(SERVER_BITS) || serverBits < MOST) response.push({ name: SERVER_BITS, value: String(serverBits) });
  if (clientForgets) response.push({ name: CLIENT_FORGETS, value: null });
  if (limitable) response.push({ name: CLIENT_BITS, value: String(clientBits) });

  const parameters: DeflateParameters = {
    serverNoContextTakeover: serverForgets,
    clientNoContextTakeover: clientForgets,
    serverMaxWindowBits: serverBits,
    clientMaxWindowBits: Math.max(FEWEST, clientBits), // a window of 9 bits reads what was written with 8
    level: options.level,
    memLevel: options.memLevel,
  };
  return { parameters, response };
}
