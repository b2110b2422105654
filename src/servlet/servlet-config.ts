/** What one servlet was configured with. [TC7-8] */
import type { ServletContext } from './servlet-context.js';

export interface ServletConfig {
  /** null when there is none of that name. */
  getInitParameter(name: string): string | null;
  getInitParameterNames(): readonly string[];
  getServletContext(): ServletContext;
  /** The class's name. */
  getServletName(): string;
}
