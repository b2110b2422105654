/** Coders that write down what happens to them. */
import { Decoder, Encoder, type EndpointConfig, type Handled } from 'margay';
import { Person } from './people.js';

export interface Habits {
  /** In init. */
  readonly init?: (config: EndpointConfig) => Handled<void>;
  readonly destroy?: () => Handled<void>;
}

/** Events such as `enc init`; each object is told apart by a number behind its name once there are several of its class. */
export function keeping(diary: string[], objects: object[] = []) {
  return {
    decoder: (name: string, { init, destroy }: Habits = {}) =>
      class Diarist extends Decoder.Text(Person) {
        constructor() {
          super();
          diary.push(`${name} made`);
          objects.push(this);
        }
        override init(config: EndpointConfig) {
          diary.push(`${name} init`);
          return init?.(config);
        }
        decode(text: string) {
          return new Person(text);
        }
        override destroy() {
          diary.push(`${name} destroy`);
          return destroy?.();
        }
      },
    encoder: (name: string, { init, destroy }: Habits = {}) =>
      class Diarist extends Encoder.Text(Person) {
        constructor() {
          super();
          diary.push(`${name} made`);
          objects.push(this);
        }
        override init(config: EndpointConfig) {
          diary.push(`${name} init`);
          return init?.(config);
        }
        encode({ name: text }: Person) {
          return text;
        }
        override destroy() {
          diary.push(`${name} destroy`);
          return destroy?.();
        }
      },
  };
}
