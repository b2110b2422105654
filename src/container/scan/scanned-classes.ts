/** The classes that the modules of an archive export. [DEP-4] */

import { type Problem, wordsOf } from '../../api/exceptions.js';
import { kindOf } from '../../api/kind.js';
import { type Class, nameOf } from '../../api/tokens.js';
import { tableOn } from '../../metadata/table.js';
import { ancestors } from '../deployment/lineage.js';
import { notLoaded } from '../deployment/problems.js';
import type { LoadedModule } from './modules.js';
import type { Skipped } from './scan-result.js';

/** A class, and where it was found first. */
export interface ScannedClass {
  readonly type: Class;
  readonly module: string;
  readonly name: string;
}

export interface ScannedClasses {
  /** In the order of the modules, each once under however many names it is exported. */
  readonly classes: readonly ScannedClass[];
  readonly skipped: readonly Skipped[];
  readonly problems: readonly Problem[];
}

/** Takes all but margay's own; a class that is not exported cannot be seen. */
export function classesOf(modules: readonly LoadedModule[]): ScannedClasses {
  const classes = new Map<Class, ScannedClass>();
  const skipped: Skipped[] = [];
  const problems: Problem[] = [];
  for (const { name: module, exports } of modules) {
    let count = 0;
    for (const name of Object.keys(exports)) {
      let type: unknown;
      try {
        type = (exports as Record<string, unknown>)[name];
      } catch (thrown) {
        problems.push(notLoaded(`${module}#${name}`, wordsOf(thrown))); // exported, and never reached
        continue;
      }
      if (!isClass(type)) continue;
      count++;
      if (kindOf(type) !== undefined) skipped.push({ module, name, why: "it is margay's own" });
      else if (!classes.has(type)) classes.set(type, { type, module, name });
    }
    if (count === 0) skipped.push({ module, name: '*', why: 'it exports no class' });
  }
  return { classes: [...classes.values()], skipped, problems };
}

/** Whether it carries @ServerEndpoint itself. [ANN-4] */
export const isAnnotated = (type: Class): boolean => tableOn(type)?.server !== undefined;

/** Why a class that no initializer deployed is no endpoint. */
export function strangeness(type: Class): string {
  for (const ancestor of ancestors(type)) {
    if (isAnnotated(ancestor as Class)) return `it has no @ServerEndpoint of its own; that of ${nameOf(ancestor)} is not inherited`;
  }
  return 'it has no @ServerEndpoint, and extends neither Endpoint nor ServerApplicationConfig';
}

function isClass(value: unknown): value is Class {
  if (typeof value !== 'function' || typeof value.prototype !== 'object' || value.prototype === null) return false;
  if (tableOn(value) !== undefined || !ancestors(value).next().done) return true; // also when a compiler made a function of it
  return /^class\b/.test(Function.prototype.toString.call(value));
}
