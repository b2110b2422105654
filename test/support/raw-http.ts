/** A request for an upgrade written by hand, and what the server says to it. */

/** An HTTP response, and what came behind it. */
export interface RawResponse {
  readonly status: number;
  /** Lower-case name to its lines. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
  readonly rest: Buffer;
}

/** The lines of a correct upgrade; further ones behind it, or instead of it. */
export function upgradeRequest(target = '/', lines: readonly string[] = []): string {
  return [
    `GET ${target} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==',
    ...lines,
    '',
    '',
  ].join('\r\n');
}

/** Null if it is not complete. */
export function parseResponse(bytes: Buffer): RawResponse | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  const length = Number(headers.get('content-length')?.[0] ?? 0);
  const body = bytes.subarray(end + 4, end + 4 + length);
  if (body.length < length) return null;
  return { status, headers, body: body.toString('utf8'), rest: bytes.subarray(end + 4 + length) };
}
