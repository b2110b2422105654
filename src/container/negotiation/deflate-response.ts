/** What a server has accepted of permessage-deflate, seen from the client (RFC 7692, 7.1) [CLI-6]. */
import type { ExtensionParameter } from '../web/header-grammar.js';
import { quoted } from '../web/quoted.js';
import { CLIENT_BITS, CLIENT_FORGETS, FEWEST, isBits, MOST, SERVER_BITS, SERVER_FORGETS } from './deflate-parameters.js';
import type { DeflateAgreement } from './permessage-deflate.js';

type Named = ReadonlyMap<string, string | null>;

const NAMES: readonly string[] = [SERVER_FORGETS, SERVER_BITS, CLIENT_FORGETS, CLIENT_BITS];

/** What both sides will do, if the response answers one of the offers; else why it answers none, in a sentence. */
export function acceptedDeflate(
  offers: readonly (readonly ExtensionParameter[])[],
  response: readonly ExtensionParameter[],
): DeflateAgreement | { readonly objection: string } {
  const own: ExtensionParameter[] = [];
  for (const { name, value } of response) {
    // The session keeps our own words: the server's are parts of its header line. [REL-14]
    const known = NAMES.find((each) => each === name);
    if (known === undefined) return refused(`with the parameter ${quoted(name)}, which it does not have`);
    if (own.some((each) => each.name === known)) return refused(`with ${known} twice`);
    const isWindow = known === SERVER_BITS || known === CLIENT_BITS;
    if (!isWindow && value !== null) return refused(`with a value of ${known}, which has none`);
    if (isWindow && !isBits(value))
      return refused(`with ${known}${value === null ? '' : `=${quoted(value)}`}, which needs a value from 8 to 15`);
    own.push({ name: known, value: value === null ? null : String(Number(value)) });
  }
  const accepted = named(own);
  const offered = offers.map(named);
  const misfits = offered.map((offer) => misfitOf(offer, accepted));
  const answered = offered[misfits.indexOf(null)];
  if (answered === undefined) return refused(misfits[0] ?? 'which was not offered');
  return {
    parameters: {
      serverNoContextTakeover: accepted.has(SERVER_FORGETS),
      clientNoContextTakeover: accepted.has(CLIENT_FORGETS) || answered.has(CLIENT_FORGETS),
      serverMaxWindowBits: Math.max(FEWEST, bitsOf(accepted, SERVER_BITS)), // a window of 9 bits reads what was written with 8
      clientMaxWindowBits: clientBits(answered, accepted),
    },
    response: own,
  };
}

/** What the response says that this offer does not allow; null: nothing. */
function misfitOf(offer: Named, accepted: Named): string | null {
  if (offer.has(SERVER_FORGETS) && !accepted.has(SERVER_FORGETS)) return `without ${SERVER_FORGETS}, which was offered`;
  if (offer.has(SERVER_BITS) && !accepted.has(SERVER_BITS)) return `without ${SERVER_BITS}, which was offered`;
  if (accepted.has(CLIENT_BITS) && !offer.has(CLIENT_BITS)) return `with ${CLIENT_BITS}, which was not offered`;
  for (const name of [SERVER_BITS, CLIENT_BITS]) {
    const [bits, most] = [bitsOf(accepted, name), bitsOf(offer, name)];
    if (accepted.has(name) && bits > most) return `with ${name}=${bits}, though ${most} was offered`;
  }
  return clientBits(offer, accepted) < FEWEST ? `with ${CLIENT_BITS}=8, which zlib cannot do: its least is ${FEWEST}` : null;
}

/** What was offered is kept to, also where the response is silent about it (RFC 7692, 7.1.2.2). */
const clientBits = (offer: Named, accepted: Named) => Math.min(bitsOf(offer, CLIENT_BITS), bitsOf(accepted, CLIENT_BITS));

/** The largest window that the parameter leaves. */
function bitsOf(parameters: Named, name: string): number {
  const value = parameters.get(name) ?? null;
  return isBits(value) ? Number(value) : MOST;
}

const named = (list: readonly ExtensionParameter[]): Named => new Map(list.map(({ name, value }) => [name, value]));

const refused = (why: string) => ({ objection: `The server accepted permessage-deflate ${why}.` });
