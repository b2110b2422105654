/** What a close reason may say, and which codes the application may send. [CLO-1 to CLO-3, D-13] */
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { CloseReason, IllegalArgumentException, OnClose, OnMessage, ServerEndpoint, Session } from 'margay';
import { RawPeer } from '../support/raw-peer.js';
import { start } from '../support/start.js';

const { CloseCodes } = CloseReason;

/** What the call throws. */
function thrownBy(call: () => unknown): { name?: string; code?: string; message: string } {
  try {
    call();
  } catch (error) {
    return error as Error & { code?: string };
  }
  throw new Error('nothing was thrown');
}

describe('CloseReason', () => {
  it.each([[null], [undefined], [1000], ['1000'], [{}]])('[CLO-1] refuses the code %p', (code) => {
    const error = thrownBy(() => new CloseReason(code as never, 'x'));
    expect(error).toBeInstanceOf(IllegalArgumentException);
    expect(error.code).toBe('MARGAY_ARGUMENT');
  });

  it.each([
    ['123 bytes of ASCII', 'x'.repeat(123)],
    ['41 characters of three bytes', '好'.repeat(41)],
    ['30 of four bytes and three', `${'😀'.repeat(30)}abc`],
  ])('[CLO-1] takes %s', (_what, phrase) => {
    expect(new CloseReason(CloseCodes.NORMAL_CLOSURE, phrase).getReasonPhrase()).toBe(phrase);
  });

  it.each([
    ['124 bytes of ASCII', 'x'.repeat(124)],
    ['42 characters of three bytes', '好'.repeat(42)],
    ['31 of four bytes', '😀'.repeat(31)],
    ['62 of two bytes', 'é'.repeat(62)],
  ])('[CLO-1] refuses %s', (_what, phrase) => {
    const error = thrownBy(() => new CloseReason(CloseCodes.NORMAL_CLOSURE, phrase));
    expect(error).toBeInstanceOf(IllegalArgumentException);
    expect(error.code).toBe('MARGAY_CLOSE_PHRASE');
  });

  it.each([[null], [''], [undefined]])('[CLO-1] reads the phrase %p back as ""', (phrase) => {
    expect(new CloseReason(CloseCodes.NORMAL_CLOSURE, phrase).getReasonPhrase()).toBe('');
  });

  it('[CLO-1] says its code and phrase in one line', () => {
    expect(String(new CloseReason(CloseCodes.NORMAL_CLOSURE))).toBe('CloseReason[1000]');
    expect(String(new CloseReason(CloseCodes.NORMAL_CLOSURE, 'bye'))).toBe('CloseReason[1000,bye]');
    expect(String(new CloseReason(CloseCodes.getCloseCode(4711), 'own'))).toBe('CloseReason[4711,own]');
  });

  it('[GEN-6] inspects as that line', () => {
    expect(inspect(new CloseReason(CloseCodes.GOING_AWAY, 'later'))).toBe('CloseReason[1001,later]');
  });
});

describe('CloseCodes', () => {
  const NAMED: readonly (readonly [string, number])[] = [
    ['NORMAL_CLOSURE', 1000],
    ['GOING_AWAY', 1001],
    ['PROTOCOL_ERROR', 1002],
    ['CANNOT_ACCEPT', 1003],
    ['RESERVED', 1004],
    ['NO_STATUS_CODE', 1005],
    ['CLOSED_ABNORMALLY', 1006],
    ['NOT_CONSISTENT', 1007],
    ['VIOLATED_POLICY', 1008],
    ['TOO_BIG', 1009],
    ['NO_EXTENSION', 1010],
    ['UNEXPECTED_CONDITION', 1011],
    ['SERVICE_RESTART', 1012],
    ['TRY_AGAIN_LATER', 1013],
    ['TLS_HANDSHAKE_FAILURE', 1015],
  ];

  it.each(NAMED)('[CLO-2] %s is %d, the same object by number, and says its name', (name, number) => {
    const code = (CloseCodes as unknown as Record<string, CloseReason.CloseCode>)[name];
    expect(code?.getCode()).toBe(number);
    expect(CloseCodes.getCloseCode(number)).toBe(code);
    expect(String(code)).toBe(name);
  });

  it('[CLO-2] has these constants and no others', () => {
    const constants = Object.keys(CloseCodes).filter((key) => key !== 'getCloseCode');
    expect(constants.sort()).toEqual(NAMED.map(([name]) => name).sort());
    expect(Object.isFrozen(CloseCodes)).toBe(true);
  });

  it.each([1014, 1016, 1999, 2000, 2999, 3000, 4000, 4999])('[CLO-2] %d has no name: an anonymous code', (number) => {
    expect(CloseCodes.getCloseCode(number).getCode()).toBe(number);
    expect(String(CloseCodes.getCloseCode(number))).toBe(String(number));
  });

  it.each([0, -1, 999, 5000, 65536, 1000.5, Number.NaN, Number.POSITIVE_INFINITY])('[CLO-2] %d is no close code', (number) => {
    const error = thrownBy(() => CloseCodes.getCloseCode(number));
    expect(error).toBeInstanceOf(IllegalArgumentException);
    expect(error.code).toBe('MARGAY_CLOSE_CODE');
  });
});

describe('session.close(reason)', () => {
  /** The application's code, and what goes on the wire: undefined for a close frame without a code. */
  const SENDABLE: readonly (readonly [number, number | undefined])[] = [
    ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map(
      (code) => [code, code] as const,
    ),
    [1005, undefined],
    [1006, 1002],
  ];

  it.each(SENDABLE)('[D-13, CLO-3] close with %d puts %p on the wire; onClose is told what close was', async (code, wire) => {
    const closes: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): void {
        void session.close(new CloseReason(CloseCodes.getCloseCode(code), wire === undefined ? '' : 'so long'));
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(`${reason.getCloseCode().getCode()} ${reason.getReasonPhrase()}`);
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('go');
    expect(await peer.closeFrame()).toEqual({ code: wire ?? 1005, phrase: wire === undefined ? '' : 'so long' });
    peer.close(wire);
    await peer.finished();
    expect(closes).toEqual([`${code} ${wire === undefined ? '' : 'so long'}`]);
  });

  it.each([1004, 1015, 1016, 1999, 2000, 2999])('[D-13] close with %d is refused, and the session stays open', async (code) => {
    const seen: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): string {
        const error = thrownBy(() => void session.close(new CloseReason(CloseCodes.getCloseCode(code), 'x')));
        seen.push(`${error.name} ${error.code}`);
        return session.isOpen() ? 'still open' : 'closed';
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('go');
    expect(await peer.received(1)).toEqual(['still open']);
    expect(seen).toEqual(['IllegalArgumentException MARGAY_CLOSE_CODE']);
  });

  it.each([0, 999, 5000, 66536, 1000.5])('[D-13] a code object of %d, made by hand, is refused', async (code) => {
    const seen: (string | undefined)[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): string {
        seen.push(thrownBy(() => void session.close(new CloseReason({ getCode: () => code }))).code);
        return String(session.isOpen());
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('go');
    expect(await peer.received(1)).toEqual(['true']);
    expect(seen).toEqual(['MARGAY_CLOSE_CODE']);
  });

  it('[SES-18] close() without a reason is 1000 without a phrase', async () => {
    const closes: string[] = [];
    @ServerEndpoint('/talk')
    class Talk {
      @OnMessage
      text(_message: string, session: Session): void {
        void session.close();
      }
      @OnClose
      close(reason: CloseReason): void {
        closes.push(String(reason));
      }
    }
    const peer = await RawPeer.open(await start(Talk), '/talk');
    peer.text('go');
    expect(await peer.closeFrame()).toEqual({ code: 1000, phrase: '' });
    peer.close(1000);
    await peer.finished();
    expect(closes).toEqual(['CloseReason[1000]']);
  });
});
