/** The defaults of a container that may be changed while it runs; for sessions made later. [CON-1 to CON-3, CON-5] */
import { IllegalArgumentException } from '../../api/exceptions.js';
import type { Defaults } from './session-settings.js';

export abstract class ChangeableDefaults {
  readonly #defaults: Defaults;

  constructor(defaults: Defaults) {
    this.#defaults = defaults;
  }

  getDefaultAsyncSendTimeout(): number {
    return this.#defaults.asyncSendTimeout;
  }

  setAsyncSendTimeout(ms: number): void {
    this.#setDefault('asyncSendTimeout', 'setAsyncSendTimeout', ms);
  }

  getDefaultMaxSessionIdleTimeout(): number {
    return this.#defaults.maxIdleTimeout;
  }

  setDefaultMaxSessionIdleTimeout(ms: number): void {
    this.#setDefault('maxIdleTimeout', 'setDefaultMaxSessionIdleTimeout', ms);
  }

  getDefaultMaxTextMessageBufferSize(): number {
    return this.#defaults.maxTextMessageBufferSize;
  }

  setDefaultMaxTextMessageBufferSize(bytes: number): void {
    this.#setDefault('maxTextMessageBufferSize', 'setDefaultMaxTextMessageBufferSize', bytes);
  }

  getDefaultMaxBinaryMessageBufferSize(): number {
    return this.#defaults.maxBinaryMessageBufferSize;
  }

  setDefaultMaxBinaryMessageBufferSize(bytes: number): void {
    this.#setDefault('maxBinaryMessageBufferSize', 'setDefaultMaxBinaryMessageBufferSize', bytes);
  }

  #setDefault(key: keyof Defaults, member: string, value: number): void {
    const isSize = key === 'maxTextMessageBufferSize' || key === 'maxBinaryMessageBufferSize';
    const fits = typeof value === 'number' && !Number.isNaN(value) && (!isSize || (Number.isInteger(value) && value >= 0));
    if (!fits) throw new IllegalArgumentException(`${member}(${isSize ? 'bytes' : 'ms'}): it is ${String(value)}`);
    this.#defaults[key] = value;
  }
}
