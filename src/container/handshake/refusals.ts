/** Every answer of ours that is no connection: its status, its code and its words. */

/** A complete response. */
export interface RefusedHandshake {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

function refusal(status: number, code: string, sentence: string, ...headers: (readonly [string, string])[]): RefusedHandshake {
  return { status, headers, body: `${sentence} [MARGAY_${code}]` };
}

export const badConnection = refusal(400, 'UPGRADE_CONNECTION', 'The Connection header does not say upgrade.');
export const badKey = refusal(400, 'UPGRADE_KEY', 'Sec-WebSocket-Key is not the base64 of 16 bytes.');
export const badVersion = refusal(426, 'UPGRADE_VERSION', 'Only version 13 of the WebSocket protocol is spoken here.', [
  'Sec-WebSocket-Version',
  '13',
]);
export const upgradeRequired = refusal(426, 'UPGRADE_REQUIRED', 'This is a WebSocket endpoint; connect with ws:// or wss://.', [
  'Upgrade',
  'websocket',
]);
export const badTarget = (why: string) => refusal(400, 'UPGRADE_TARGET', why);
export const badHttp = (why: string) => refusal(400, 'UPGRADE_HTTP', why);
export const badExtensions = (why: string) => refusal(400, 'UPGRADE_EXTENSIONS', why);
export const unauthenticated = (challenge: string) =>
  refusal(401, 'UNAUTHENTICATED', 'Nobody is authenticated, and this endpoint asks for it.', ['WWW-Authenticate', challenge]);
export const forbidden = (why: string) => refusal(403, 'FORBIDDEN', why);
export const originRefused = refusal(403, 'ORIGIN', 'Pages of this origin may not connect.');
export const formTooSlow = refusal(408, 'UPGRADE_HTTP', 'The form took too long to arrive.');
export const formUpgrading = badHttp('A form cannot come with a request for another protocol; leave out Upgrade.');
export const formTooLarge = refusal(413, 'FORM_TOO_LARGE', 'The form is larger than 64 KiB.');
export const hookFailed = refusal(500, 'HOOK_FAILED', 'The endpoint could not be prepared.');
export const servletFailed = refusal(500, 'SERVLET_FAILED', 'The servlet failed.');
export const rsvClash = (why: string) => refusal(500, 'RSV_CLASH', why);
export const hookTimeout = refusal(503, 'HOOK_TIMEOUT', 'The endpoint took too long to prepare.', ['Retry-After', '5']);
export const draining = refusal(503, 'DRAINING', 'The server is shutting down.', ['Retry-After', '5']);
export const full = refusal(503, 'MAX_CONNECTIONS', 'There are as many connections as there may be.', ['Retry-After', '5']);
