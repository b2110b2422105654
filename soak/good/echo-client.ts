/** Says something a few times a second, and wants to hear the same, in order, soon. */
import { pick } from '../random.js';
import { BOUND, type Context, GoodClient, within } from './good-client.js';

const SIZES = [0, 1, 60, 125, 126, 1000, 5000, 20_000, 70_000] as const;
const PERIOD = 150; // ms between two messages

export class EchoClient {
  received = 0;
  readonly #client: GoodClient;
  readonly #context: Context;
  /** What has not come back yet. */
  readonly #out: { readonly said: string | Buffer; readonly at: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #said = 0;

  constructor(url: string, deflate: boolean, context: Context) {
    this.#client = new GoodClient(url, deflate, context, (data, isBinary) => this.#heard(data, isBinary));
    this.#context = context;
  }

  async begin(): Promise<void> {
    await this.#client.begin();
    this.#timer = setInterval(() => this.#say(), PERIOD);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    if (!(await within(() => this.#out.length === 0))) this.#context.fail(`${this.#out.length} echoes never came`);
    await this.#client.end();
  }

  #say(): void {
    const [oldest] = this.#out;
    if (oldest !== undefined && performance.now() - oldest.at > BOUND) {
      this.#context.fail(`an echo has not come within ${BOUND} ms`);
      clearInterval(this.#timer);
      return;
    }
    const { random } = this.#context;
    const words = `${this.#said++} `.padEnd(pick(SIZES, random), 'margay é ');
    const said = random(3) === 0 ? Buffer.from(words) : words;
    this.#out.push({ said, at: performance.now() });
    this.#client.send(said);
  }

  #heard(data: Buffer, isBinary: boolean): void {
    this.received++;
    const first = this.#out.shift();
    const isSame = first !== undefined && isBinary === Buffer.isBuffer(first.said) && data.equals(Buffer.from(first.said as string));
    if (isSame) this.#context.latency.note(performance.now() - first.at);
    else this.#context.fail(`an echo of ${data.length} bytes is not what was said`);
  }
}
