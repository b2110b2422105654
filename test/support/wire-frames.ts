/** Whole messages and control frames by name. */
import { closing, type FrameParts, frame, OPCODES } from './frames.js';

export { frame, parse } from './frames.js';

type Payload = string | Uint8Array;
type Rest = Omit<Partial<FrameParts>, 'opcode' | 'payload'>;

export const text = (payload: Payload, rest: Rest = {}): Buffer => frame({ opcode: OPCODES.text, payload, ...rest });
export const binary = (payload: Payload, rest: Rest = {}): Buffer => frame({ opcode: OPCODES.binary, payload, ...rest });
export const more = (payload: Payload, rest: Rest = {}): Buffer => frame({ opcode: OPCODES.continuation, payload, ...rest });
export const ping = (payload: Payload = '', rest: Rest = {}): Buffer => frame({ opcode: OPCODES.ping, payload, ...rest });
export const pong = (payload: Payload = '', rest: Rest = {}): Buffer => frame({ opcode: OPCODES.pong, payload, ...rest });
export const close = (code?: number, phrase: Payload = '', rest: Rest = {}): Buffer =>
  frame({ opcode: OPCODES.close, payload: code === undefined ? '' : closing(code, phrase), ...rest });
