/** What we use of ws and its types leave out. A .ts file, for a .d.ts is not copied to dist. */
import 'ws';

declare module 'ws' {
  /** How a frame is to look. */
  interface FrameOptions {
    readonly fin: boolean;
    readonly rsv1: boolean;
    readonly opcode: number;
    readonly mask: boolean;
    /** The data is not to be written to. */
    readonly readOnly: boolean;
  }

  const Sender: {
    /** The frame in one buffer or two. */
    frame(data: Uint8Array, options: FrameOptions): Buffer[];
  };
}
