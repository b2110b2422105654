/** A web application among the examples: a context path of its own, what is deployed below it, and where a person goes. [CON-9] */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Class, ContainerOptions, ServerContainer } from 'margay';

export interface Application {
  /** `/chat`, or "" for the root. */
  readonly contextPath: string;
  /** Annotated classes. */
  readonly endpoints?: readonly Class[];
  /** Modules that are looked through for endpoints, as Tomcat looks through those of a web application. */
  readonly scan?: readonly object[];
  /** What the container is told beyond what holds for all examples. */
  readonly options?: ContainerOptions;
  /** The page of each endpoint, and of each servlet that has one, by its path below the context path: `{ '/websocket/chat': '/chat/page.html' }`. */
  readonly pages: Readonly<Record<string, string>>;
  /** Answers a plain HTTP request, anywhere on the server; false: it is not for this application. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse, container: ServerContainer) => boolean;
}
