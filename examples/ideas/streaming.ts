/** A large file in one message, either way: no more of it is in memory than the other end is slow to take or to give. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { InputStream, OnError, OnMessage, ServerEndpoint, Session, serve } from 'margay';
import { report } from '../errors.js';
import { program, type Running } from './program.js';

/** $FILE, or one that is large on every machine: node itself. */
const file = (): string => process.env['FILE'] || process.execPath;

@ServerEndpoint('/file')
export class LargeFile {
  /** Down: any text asks for it. The stream is a Writable, so a pipeline waits for whoever reads, and ends the message. */
  @OnMessage
  async download(session: Session, _text: string): Promise<void> {
    await pipeline(createReadStream(file()), session.getBasicRemote().getSendStream());
  }

  /** Up: called when the message begins; while the hash is busy the socket waits. */
  @OnMessage
  async upload(stream: InputStream): Promise<string> {
    const hash = createHash('sha256');
    let size = 0;
    for await (const part of stream) {
      hash.update(part);
      size += part.length;
    }
    return `${size} bytes, SHA-256 ${hash.digest('hex')}`;
  }

  @OnError
  failed(error: Error): void {
    report('LargeFile', error);
  }
}

export const start = (port: number): Promise<Running> => serve({ endpoints: [LargeFile], port });

await program(import.meta.url, start);
