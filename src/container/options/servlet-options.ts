/** Which servlet answers where: the counterpart of web.xml. [TC7-9] */
import { type HttpServlet, isServlet } from '../../servlet/http-servlet.js';
import { UrlPattern } from '../web/url-pattern.js';
import { type Check, objecting, objectionsTo } from './checks.js';

/** A servlet at a path below the context path. */
export interface ServletMapping {
  /** `/exact`, `/prefix/*`, `*.ext`, or `/` for whatever nobody else answers. */
  readonly urlPattern: string;
  /** A class, of which one object is made; or an object, which may answer at several patterns. */
  readonly servlet: HttpServlet | (new () => HttpServlet);
  /** What `getInitParameter` gives. */
  readonly initParams?: Readonly<Record<string, string>> | undefined;
}

const FIELDS: Readonly<Record<keyof ServletMapping, Check>> = {
  urlPattern: objecting(UrlPattern.objections),
  servlet: (value) => (isServlet(value) ? null : 'give a class that extends HttpServlet, or an object of one'),
  initParams: (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string')
      ? null
      : 'give an object of strings',
};

export const servlets: Check = (value) => {
  if (!Array.isArray(value)) return 'give a list of { urlPattern, servlet }';
  const objections = value.flatMap((each, i) => objectionsToOne(each).map((why) => `its entry ${i}: ${why}`));
  const patterns = value.map((each) => (each as Partial<ServletMapping> | null)?.urlPattern);
  const doubled = patterns.filter((pattern, i) => pattern !== undefined && patterns.indexOf(pattern) !== i);
  objections.push(...doubled.map((pattern) => `two entries have the urlPattern "${String(pattern)}"; keep one`));
  return objections.join('; and ') || null;
};

function objectionsToOne(mapping: unknown): string[] {
  if (typeof mapping !== 'object' || mapping === null) return ['give { urlPattern, servlet }'];
  const given = mapping as Partial<ServletMapping>;
  const missing = (['urlPattern', 'servlet'] as const).filter((key) => given[key] === undefined);
  return [...missing.map((key) => `it has no ${key}; give { urlPattern, servlet }`), ...objectionsTo(mapping, FIELDS)];
}
