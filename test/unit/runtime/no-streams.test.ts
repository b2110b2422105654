/** What is said where there are no streams, and that nothing is said where there are. [D-02] */
import { afterEach, describe, expect, it } from '@jest/globals';
import { NO_STREAMS, objectionToReceiver, objectionToStreams } from '../../../src/runtime/no-streams.js';
import type { EndpointPlan, MessageHandler, Receiver } from '../../../src/runtime/plan.js';
import { type Streams, setStreams } from '../../../src/runtime/streams.js';

const others = { ...NO_STREAMS, incoming: () => ({}) } as unknown as Streams;
afterEach(() => setStreams(others));

const handler = (form: MessageHandler['form']): MessageHandler => ({
  form,
  member: 'm',
  maxMessageSize: -1,
  reads: [],
  invoke: () => undefined,
});
const receiver = (rest: Partial<Receiver>): Receiver => ({ member: 'm', text: null, binary: null, pong: null, ...rest });
const plan = (
  receivers: readonly Receiver[],
  kinds: readonly ('text' | 'binary' | 'textStream' | 'binaryStream')[] = [],
): EndpointPlan => ({
  name: 'Talk',
  open: null,
  close: null,
  error: null,
  values: [],
  receivers,
  encoders: kinds.map((kind) => ({ name: `${kind}Encoder`, kind, takes: () => true })),
  adapt: () => receiver({}),
});

const PLANS: [what: string, plan: EndpointPlan, words: RegExp | null][] = [
  ['a Reader', plan([receiver({ text: handler('stream') })]), /^Talk\.m\(\) takes a stream.*take the message whole/],
  ['an InputStream', plan([receiver({}), receiver({ binary: handler('stream') })]), /^Talk\.m\(\) takes a stream/],
  [
    'an encoder to a Writer',
    plan([], ['text', 'textStream']),
    /^Talk: the encoder textStreamEncoder writes.*Encoder\.Text or Encoder\.Binary/,
  ],
  ['an encoder to an OutputStream', plan([], ['binaryStream']), /^Talk: the encoder binaryStreamEncoder writes/],
  ['nothing of the kind', plan([receiver({ text: handler('whole'), binary: handler('parts') })], ['text', 'binary']), null],
];

describe('an endpoint with', () => {
  it.each(PLANS)('%s', (_, each, words) => {
    setStreams(NO_STREAMS);
    const objection = objectionToStreams(each);
    if (words === null) expect(objection).toBe(null);
    else expect(objection).toMatchObject({ code: 'MARGAY_UNSUPPORTED', message: expect.stringMatching(words) });
    setStreams(others);
    expect(objectionToStreams(each)).toBe(null);
  });

  it('a handler that is added later', () => {
    setStreams(NO_STREAMS);
    expect(objectionToReceiver('here', receiver({ text: handler('stream') }))?.message).toMatch(/^here takes a stream/);
    expect(objectionToReceiver('here', receiver({ text: handler('whole') }))).toBe(null);
  });

  it.each([
    ['incoming', () => NO_STREAMS.incoming('text', () => {}), /^Reader and InputStream: .*take the message whole/],
    ['writer', () => NO_STREAMS.writer({} as never), /^getSendWriter\(\): .*send the message whole/],
    ['outputStream', () => NO_STREAMS.outputStream({} as never), /^getSendStream\(\): .*send the message whole/],
  ])('%s all the same: it is refused with what to do instead', (_, make, words) => {
    expect(make).toThrow(expect.objectContaining({ code: 'MARGAY_UNSUPPORTED', message: expect.stringMatching(words) }));
  });
});
