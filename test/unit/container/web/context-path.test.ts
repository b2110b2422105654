import { describe, expect, it } from '@jest/globals';
import { ContextPath } from '../../../../src/container/web/context-path.js';
import { RequestPath } from '../../../../src/container/web/request-path.js';

const strip = (context: string, target: string) => {
  const rest = new ContextPath(context).strip(RequestPath.parse(target) as RequestPath);
  return rest && `${rest}${rest.query === null ? '' : `?${rest.query}`}`;
};

describe('contextPath', () => {
  it.each([
    ['', '/a/b?q', '/a/b?q'],
    ['/app', '/app/a?q', '/a?q'],
    ['/app', '/app/', '/'],
    ['/app', '//app//a', '/a'],
    ['/app', '/x/../app/a', '/a'],
    ['/app', '/%61pp/a', '/a'],
    ['/a%20b', '/a%20b/c', '/c'],
    ['/a b', '/a%20b/c', '/c'],
    ['/app/v1', '/app/v1/a/', '/a/'],
  ])('[URI-14] below "%s", %s is %s', (context, target, rest) => {
    expect(strip(context, target)).toBe(rest);
  });

  it.each([
    ['/app', '/'],
    ['/app', '/app'],
    ['/app', '/apple/a'],
    ['/app', '/APP/a'],
    ['/app', '/a/app/b'],
    ['/app', '/app%2Fa/b'],
    ['/app/v1', '/app/v2/a'],
    ['/app/v1', '/app/v1'],
  ])('[URI-14] outside "%s", %s is not ours', (context, target) => {
    expect(strip(context, target)).toBeNull();
  });

  it.each([
    [undefined, /not a string/],
    ['app', /does not begin/],
    ['/', /ends with "\/"; write ""/],
    ['/app/', /ends with "\/"; write "\/app"/],
    ['/a//b', /empty segment/],
    ['/a/{v}', /has a variable/],
    ['/a/..', /dot segment/],
  ])('[URI-14] %j is none', (source, objection) => {
    expect(ContextPath.objections(source)).toEqual([expect.stringMatching(objection)]);
    expect(() => new ContextPath(source as string)).toThrow(objection);
  });

  it.each(['', '/app', '/app/v1', '/a%20b'])('[URI-14] "%s" is one', (source) => {
    expect(ContextPath.objections(source)).toEqual([]);
  });
});
