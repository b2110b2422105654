/** @PathParam: which types it may stand on. */
import { Byte, Char, Double, Float, Int, Long, OnMessage, OnOpen, PathParam, Short } from 'margay';

export class Accepted {
  @OnOpen text(@PathParam('a') _a: string) {}
  @OnOpen number(@PathParam('a') _a: number) {}
  @OnOpen boolean(@PathParam('a') _a: boolean) {}
  @OnOpen bigint(@PathParam('a') _a: bigint) {}
  @OnOpen optional(@PathParam('a') _a?: string) {}
  @OnOpen kinds(@PathParam('a', Byte) _a: number, @PathParam('b', Short) _b: number, @PathParam('c', Int) _c: number) {}
  @OnOpen more(@PathParam('a', Float) _a: number, @PathParam('b', Double) _b: number, @PathParam('c', Char) _c: string) {}
  @OnOpen long(@PathParam('a', Long) _a: bigint) {}
  @OnOpen builtIn(@PathParam('a', String) _a: string, @PathParam('b', Number) _b: number, @PathParam('c', Boolean) _c: boolean) {}
  @OnOpen nullable(@PathParam('a', Int) _a: number | null) {}
  @OnMessage beside(@PathParam('a') _a: string, _message: string) {}
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: the compiler is what is asked
  @OnOpen private unseen(@PathParam('a', Int) _a: string) {} // the compiler does not tell a decorator what is private
}

export class Refused {
  // @ts-expect-error a date is not plain
  @OnOpen date(@PathParam('a') _a: Date) {}

  // @ts-expect-error nor are bytes
  @OnOpen bytes(@PathParam('a') _a: Buffer) {}

  // @ts-expect-error nor is a list
  @OnOpen list(@PathParam('a') _a: string[]) {}

  // @ts-expect-error Int is a number
  @OnOpen intAsText(@PathParam('code', Int) _code: string) {}

  // @ts-expect-error Int is no date
  @OnOpen intAsDate(@PathParam('code', Int) _code: Date) {}

  // @ts-expect-error Long is a bigint
  @OnOpen longAsNumber(@PathParam('code', Long) _code: number) {}

  // @ts-expect-error Char is a string
  @OnOpen charAsNumber(@PathParam('code', Char) _code: number) {}

  // @ts-expect-error a class is no token
  @OnOpen classAsToken(@PathParam('code', Date) _code: Date) {}

  // @ts-expect-error a name is required
  @OnOpen nameless(@PathParam() _a: string) {}

  // @ts-expect-error it is called
  @OnOpen bare(@PathParam _a: string) {}
}
