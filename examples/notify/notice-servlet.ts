/** The administrator's door, whoever waits behind it: the notice comes as a parameter, in a form or a query. [EX-N1] */
import { HttpServlet, type HttpServletRequest, type HttpServletResponse } from 'margay/catalina';

export abstract class NoticeServlet extends HttpServlet {
  protected override doGet(request: HttpServletRequest, response: HttpServletResponse): void {
    this.doPost(request, response);
  }

  protected override doPost(request: HttpServletRequest, response: HttpServletResponse): void {
    response.setContentType('text/html;charset=UTF-8');
    response.setHeader('Cache-Control', 'no-store');
    const message = request.getParameter('message') ?? '';
    if (message !== '') this.tell(message);
    response.getWriter().println(message === '' ? 'The message is empty!' : 'Send success!');
  }

  /** Tells everybody who waits, and waits for nobody: a dead page keeps the answer from no administrator, and the notice from no page. */
  protected abstract tell(message: string): void;
}
