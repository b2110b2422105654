/** The listeners on a socket: functions that all sockets share, and that find whom to tell through the socket. */
import type { Duplex } from 'node:stream';

/** Whom the events of one socket are for. */
export interface SocketOwner {
  received(chunk: Buffer): void;
  ended(): void;
  failed(error: Error): void;
  closed(): void;
}

const OWNER = Symbol('margay/socket-owner');

/** A net.Socket or TLSSocket has these two, another Duplex need not. */
type Watched = Duplex & { [OWNER]: SocketOwner; setNoDelay?(on: boolean): void; setTimeout?(ms: number): void };

/** Tells of the socket's end. From the first moment: without a listener a reset by the peer would end the process. [REL-1] */
export function watch(socket: Duplex, owner: SocketOwner): void {
  (socket as Watched)[OWNER] = owner;
  socket.on('error', onError);
  socket.on('close', onClose);
}

/** Begins to read a watched socket. */
export function read(socket: Duplex): void {
  const watched = socket as Watched;
  watched.setNoDelay?.(true);
  watched.setTimeout?.(0); // what timers the HTTP server had set are over
  socket.on('data', onData);
  socket.on('end', onEnd);
  if (socket.readableEnded) setImmediate(tellEnd, watched);
  else socket.resume();
}

/** A socket that is not gone by then is dropped. */
export function destroyAfter(ms: number, socket: Duplex): void {
  const timer = setTimeout(destroy, ms, socket);
  timer.unref();
  socket.once('close', () => clearTimeout(timer)); // which would keep the socket, and all that hangs on it [REL-14]
}

/** What node knows of a socket's kernel; of a TLSSocket's, one handle further down. It says so to itself only. */
interface Handle {
  readonly writeQueueSize?: number;
  readonly _parent?: Handle | null;
}

/**
 * Bytes of a congested socket that its kernel has not taken. A write counts as one until it has finished; of one that is
 * under way node's own timeouts look at the handle, and so does this. Where there is none, the writes that have not finished.
 */
export function untaken(socket: Duplex): number {
  const handle = (socket as Duplex & { readonly _handle?: Handle | null })._handle;
  const size = (handle?._parent ?? handle)?.writeQueueSize;
  return typeof size === 'number' && size > 0 ? size : socket.writableLength;
}

/** It was written to in vain; its error event comes in a later tick. */
export const hasFailed = (socket: Duplex): boolean => socket.errored !== null;

function onData(this: Watched, chunk: Buffer): void {
  this[OWNER].received(chunk);
}

function onEnd(this: Watched): void {
  this[OWNER].ended();
}

function onError(this: Watched, error: Error): void {
  this[OWNER].failed(error);
}

/** The last that is heard of it. node keeps a socket in memory longer than we need what hangs on it. */
function onClose(this: Watched): void {
  const owner = this[OWNER];
  this[OWNER] = NOBODY;
  owner.closed();
}

const NOBODY: SocketOwner = Object.freeze({ received() {}, ended() {}, failed() {}, closed() {} });

const destroy = (socket: Duplex): unknown => socket.destroy();
const tellEnd = (socket: Watched): void => socket[OWNER].ended();
