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
   * A connection that says how it is and comes back: in `#state` in words, by a button `#toggle` if the page has one. When the server
   * goes it is tried again, after half a second at first and five at most, until it is there or somebody says stop; what the server
   * has closed for a reason that would be the same again (1002, 1003, 1007 to 1010) waits for the button. While it tries by itself
   * it stays `lost`: nothing flickers, and no log fills.
   *
   * @param {string | (() => string)} path of the endpoint, asked anew for each connect
   * @param {object} options
   * @param {(socket: WebSocket) => void} [options.opened]
   * @param {(data: string | ArrayBuffer, event: MessageEvent) => void} [options.heard]
   * @param {(event: CloseEvent, state: 'closed' | 'lost') => void} [options.closed] of a connection that was open, or that somebody
   *   asked for and did not get; not of one that was replaced by the next
   * @param {(state: string) => void} [options.changed] of each change of `connecting`, `open`, `closed`, `lost`
   * @param {[string, string, string]} [options.words] of the button: to connect, to disconnect, to connect again
   */
  connection(path, { opened, heard, closed, changed, words = ['Connect', 'Disconnect', 'Reconnect'] } = {}) {
    const [indicator, toggle] = ['state', 'toggle'].map((id) => document.getElementById(id));
    let socket = null;
    let timer = null;
    let failures = 0; // since one lasted: a server that lets in and throws out is not asked twice a second
    let openedAt = 0;
    let state = 'closed';

    function show(next, text) {
      state = next;
      if (indicator) {
        indicator.dataset.state = next;
        indicator.textContent = text;
      }
      if (toggle) toggle.textContent = { connecting: 'Cancel', open: words[1] }[next] ?? (timer === null ? words[2] : 'Reconnect now');
      changed?.(next);
    }

    function open() {
      drop();
      failures = 0;
      show('connecting', 'connecting…');
      connect();
    }

    function connect() {
      timer = null;
      const mine = new WebSocket(examples.socketUrl(typeof path === 'function' ? path() : path));
      mine.binaryType = 'arraybuffer';
      socket = mine;
      mine.onopen = () => {
        if (mine !== socket) return;
        openedAt = performance.now();
        show('open', 'connected');
        opened?.(mine);
      };
      mine.onmessage = (event) => mine === socket && heard?.(event.data, event);
      mine.onclose = (event) => mine === socket && ended(event);
    }

    function ended(event, isMeant = false) {
      socket = null;
      if (state === 'open' && performance.now() - openedAt > 5000) failures = 0;
      const next = isMeant ? 'closed' : examples.stateAfter(event);
      const text = `closed: ${examples.closeText(event)}`;
      const isNews = state !== 'lost';
      if (next === 'lost' && !FOR_GOOD.has(event.code)) {
        timer = setTimeout(connect, Math.min(5000, 500 * 2 ** failures++) * (0.75 + Math.random() / 4));
        if (isNews) show(next, `${text}; trying again`);
      } else show(next, text);
      if (isNews) closed?.(event, next);
    }

    /** Nobody hears of it any more. */
    function drop(code = 1000) {
      clearTimeout(timer);
      timer = null;
      const mine = socket;
      socket = null;
      if (mine?.readyState !== WebSocket.CONNECTING) mine?.close(code);
      else mine.onopen = () => mine.close(code); // closing what is not there yet would be an error line in the console
    }

    /** Says goodbye, and stops trying. */
    function close(code = 1000) {
      const mine = socket;
      if (mine !== null && mine.readyState >= WebSocket.OPEN) {
        const end = (event) => mine === socket && ended(event, true);
        mine.onclose = end;
        mine.close(code);
        setTimeout(end, 2000, { code: 1006, reason: 'no answer' }); // browsers wait a minute for one
      } else if (state !== 'closed') {
        drop(code);
        show('closed', 'closed');
      }
    }

    if (toggle) {
      toggle.textContent = words[0];
      toggle.onclick = () => {
        const isLeaving = socket?.readyState >= WebSocket.CLOSING; // a server that does not answer keeps nobody from coming back
        if (state === 'connecting' || (state === 'open' && !isLeaving)) close();
        else open();
      };
    }
    return {
      open,
      close,
      /** False: there is no connection, and nothing was sent. */
      send(data) {
        if (socket?.readyState !== WebSocket.OPEN) return false;
        socket.send(data);
        return true;
      },
      get socket() {
        return socket;
      },
      get state() {
        return state;
      },
    };
  },

  /**
   * Whether a path can have it as one of its parts. Of an address with `.` or `..` in it browsers make another one, and no server
   * takes a NUL: a page that asked for these would be told 404 or 400 for ever.
   */
  fitsPath(text) {
    return !/^\.{0,2}$|\0/.test(text);
  },

  /** The person that this page is: what stands behind the `#` of its address, or somebody made up, who stays in the address. */
  person() {
    const behind = location.hash.slice(1);
    let meant = behind; // `#100%`: somebody's own idea of a name
    try {
      meant = decodeURIComponent(behind);
    } catch {}
    if (examples.fitsPath(meant)) return meant;
    const name = `${examples.pick(['小花', '阿豹', '云儿', 'Mila', 'Otto', 'Nika'])}${examples.pick(['🐾', '🌿', '🌙', '🍃'])}${Math.floor(Math.random() * 90 + 10)}`;
    history.replaceState(null, '', `#${encodeURIComponent(name)}`);
    return name;
  },

  /** A round picture of a person: the first character of the name, in a colour that goes with it. */
  face(name) {
    const [first] = new Intl.Segmenter().segment(name);
    const face = examples.element('span', 'face', first?.segment ?? '?');
    face.style.setProperty(
      '--hue',
      [...name].reduce((hue, character) => (hue * 31 + character.codePointAt(0)) % 360, 7),
    );
    face.ariaHidden = 'true';
    return face;
  },

  /**
   * Lets Enter submit the form of a text as its button would; with Ctrl or Cmd where Enter alone is a new line. The Enter that picks a
   * word from the list of an input method submits nothing.
   */
  enterSubmits(text, { withCtrl = false } = {}) {
    text.addEventListener('keydown', (event) => {
      const isMeant = withCtrl ? event.ctrlKey || event.metaKey : !event.shiftKey;
      if (event.key !== 'Enter' || event.isComposing || !isMeant) return;
      event.preventDefault();
      const button = text.form.querySelector('[type=submit]');
      if (!button.disabled) text.form.requestSubmit(button);
    });
  },

  /** One of them by chance. */
  pick(list) {
    return list[Math.floor(Math.random() * list.length)];
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

/** Who is refused for these is refused again. */
const FOR_GOOD = new Set([1002, 1003, 1007, 1008, 1009, 1010]);

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
