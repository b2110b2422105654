/** The logger of those who bring none: warnings and errors go to the console. */
import type { LogFields, Logger } from '../../api/logger.js';
import { unheard } from '../../runtime/thenable.js';

function line(level: 'warn' | 'error'): (fields: LogFields, message: string) => void {
  return ({ code, err }, message) => {
    const text = `margay ${level} ${code} ${message}`;
    if (err === undefined) console[level](text);
    else console[level](text, err);
  };
}

export const consoleLogger: Logger = Object.freeze({ debug() {}, info() {}, warn: line('warn'), error: line('error') });

/** A logger that throws or rejects is ignored: what it was told about must not suffer for it. */
export function quiet(logger: Logger): Logger {
  const guarded = (level: keyof Logger) => (fields: LogFields, message: string) => {
    try {
      unheard(logger[level](fields, message));
    } catch {
      // nobody is left to tell
    }
  };
  return { debug: guarded('debug'), info: guarded('info'), warn: guarded('warn'), error: guarded('error') };
}
