/** Why nothing can listen, in words. */
import { IOException } from '../api/exceptions.js';

export function listenFailed(port: number, host: string | undefined, cause: unknown): IOException {
  const { code, message } = cause as { code?: string; message?: string };
  const where = `port ${port}${host === undefined ? '' : ` of ${host}`}`;
  if (code?.startsWith('ERR_OSSL') || code?.startsWith('ERR_TLS')) {
    return new IOException(`tls cannot be used: ${message}; give a certificate and its key, as PEM text`, cause, 'MARGAY_LISTEN');
  }
  const why = code === 'EADDRINUSE' ? 'is in use; pass another port, or 0' : `cannot be listened on: ${code ?? message}`;
  return new IOException(`${where} ${why}`, cause, 'MARGAY_LISTEN');
}
