/**
 * What the example pages share. A classic script rather than a module, because browsers load no modules for a page that was
 * opened from a file.
 */
window.examples = {
  /** Where an endpoint is: on the server of this page, with TLS if the page has it; a page from a file asks the local one. */
  socketUrl(path) {
    const { protocol, host } = location;
    return `${protocol === 'https:' ? 'wss' : 'ws'}://${host || 'localhost:8080'}${path}`;
  },

  /** `1000 normal closure`, and the phrase if the server gave one. */
  closeText({ code, reason }) {
    const name = CODES[code];
    return [code, name, reason && `“${reason}”`].filter(Boolean).join(' ');
  },

  /** `closed` when somebody meant it, else `lost`. */
  stateAfter({ code }) {
    return code === 1000 ? 'closed' : 'lost';
  },

  /**
   * A list that shows its newest line unless its reader has scrolled up, and forgets its oldest.
   * @param {HTMLElement} list
   */
  log(list, most = 100) {
    list.tabIndex = 0; // the keyboard scrolls it too
    return {
      add(line) {
        const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
        list.append(line);
        while (list.childElementCount > most) list.firstElementChild.remove();
        if (atEnd) list.scrollTop = list.scrollHeight;
        return line;
      },
      clear() {
        list.replaceChildren();
      },
    };
  },

  /** An element with a class and text: text is never read as HTML here. */
  element(tag, className, text = '') {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  },

  /** The time of day, for the margin of a log. */
  clock() {
    const time = examples.element('time', 'clock', new Date().toLocaleTimeString([], { timeStyle: 'medium', hourCycle: 'h23' }));
    time.dateTime = new Date().toISOString();
    return time;
  },
};

const CODES = {
  1000: 'normal closure',
  1001: 'going away',
  1002: 'protocol error',
  1003: 'cannot accept',
  1005: 'no status code',
  1006: 'closed abnormally',
  1007: 'not consistent',
  1008: 'violated policy',
  1009: 'too big',
  1011: 'unexpected condition',
  1012: 'service restart',
  1013: 'try again later',
};
