/** The answer to a request, as a servlet writes it. It leaves as a whole when the servlet is done. [TC7-8] */

/** Writes text into the answer; UTF-8. */
export interface PrintWriter {
  print(value: unknown): void;
  /** With a line feed behind it. */
  println(value?: unknown): void;
  write(text: string): void;
  /** From now on status and headers stand. */
  flush(): void;
  /** Nothing more is written. */
  close(): void;
}

/** Once the answer stands, by `sendError` or a flush of its writer, its status and headers are not changed any more. */
export interface HttpServletResponse {
  /** Default 200. */
  setStatus(status: number): void;
  /** Answers with that status and a line of text instead of what was written. @throws IllegalStateException if the answer stands */
  sendError(status: number, message?: string): void;
  setHeader(name: string, value: string): void;
  addHeader(name: string, value: string): void;
  /** `text/html;charset=UTF-8`; default `text/plain;charset=UTF-8`. */
  setContentType(type: string): void;
  /** Text is written as UTF-8: nothing else is taken. @throws IllegalArgumentException `MARGAY_ARGUMENT` */
  setCharacterEncoding(encoding: string): void;
  getWriter(): PrintWriter;
  isCommitted(): boolean;
}
