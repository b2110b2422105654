/** The client of an answer that does not end. */
import type { IncomingMessage } from 'node:http';
import { LoadClient } from './client.js';
import type { Delivered } from './counter.js';

export class StreamingClient extends LoadClient {
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.send('/events', (request) => {
        request.on('error', reject);
        request.once('response', (response: IncomingMessage) => {
          if (response.statusCode !== 200) return reject(new Error(`streaming was answered with ${response.statusCode}`));
          let rest = '';
          response.setEncoding('utf8').on('data', (text: string) => {
            const events = (rest + text).split('\n\n');
            rest = events.pop() as string;
            for (const event of events) this.#event(event);
          });
          response.on('error', () => {}); // closed by us, or by the server, whose trial is over
          resolve();
        });
      });
    });
  }

  #event(event: string): void {
    const data = /^data: (.*)$/m.exec(event)?.[1];
    if (data !== undefined) this.got(JSON.parse(data) as Delivered);
  }
}
