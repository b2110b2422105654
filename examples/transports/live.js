/** The page as a client of each of the four transports, each of which knows the last message that it has, and loses none. */

/** ms until what has failed is tried again. */
const AGAIN = 1000;
/** Windows of one browser that may hold long-lived HTTP connections, two each: it has six for one server, and pages need some too. */
const SLOTS = ['transports-1', 'transports-2'];

/**
 * @param {string} page the key of this page, which the server has told
 * @param {object} options
 * @param {() => number} options.every ms between two polls, asked each time
 * @param {Record<string, number>} options.last the last message of each transport; kept by the caller, from one start to the next
 * @param {(transport: string, message: { id: number, at: number, text: string }) => void} options.got
 * @param {(transport: string, why: string) => void} options.waits that a transport has to wait, and for what; '' when it need not any more
 * @returns {() => void} stops all four
 */
globalThis.startClients = (page, { every, last, got, waits }) => {
  const stopped = new AbortController();
  const { signal } = stopped;

  const address = (path, transport) =>
    `/transports/${path}?${new URLSearchParams({ page, ...(last[transport] !== undefined && { after: last[transport] }) })}`;

  function deliver(transport, message) {
    if (signal.aborted) return;
    last[transport] = message.id;
    got(transport, message);
  }

  /** Asks once; what fails is asked again, from the same message on. */
  async function ask(path, transport) {
    try {
      const response = await fetch(address(path, transport), { signal });
      if (!response.ok) throw new Error(`${response.status}`);
      const news = await response.json();
      for (const message of news.messages) deliver(transport, message);
      if (!signal.aborted) last[transport] = news.last;
    } catch {
      await pause(AGAIN, signal);
    }
  }

  async function poll() {
    while (!signal.aborted) {
      await ask('poll', 'polling');
      await pause(every(), signal);
    }
  }

  async function longPoll() {
    while (!signal.aborted) await ask('long-poll', 'long-polling');
  }

  function stream() {
    if (signal.aborted) return;
    const events = new EventSource(address('events', 'streaming'));
    const stop = () => events.close();
    events.onmessage = ({ data }) => deliver('streaming', JSON.parse(data));
    events.onerror = () => {
      if (events.readyState !== EventSource.CLOSED) return; // it comes back by itself, with the id of its last event
      signal.removeEventListener('abort', stop);
      pause(AGAIN, signal).then(stream);
    };
    signal.addEventListener('abort', stop);
  }

  function connect() {
    if (signal.aborted) return;
    const socket = new WebSocket(examples.socketUrl(address('socket', 'websocket')));
    const stop = () => {
      // Closing it before it is there would be an error line in the console.
      if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close(1000);
      else socket.close(1000);
    };
    socket.onmessage = ({ data }) => deliver('websocket', JSON.parse(data));
    socket.onclose = () => {
      signal.removeEventListener('abort', stop);
      pause(AGAIN, signal).then(connect);
    };
    signal.addEventListener('abort', stop);
  }

  async function holdSlot() {
    while (!signal.aborted) {
      for (const slot of SLOTS) if (await held(slot, begin, signal)) return;
      for (const transport of ['long-polling', 'streaming']) {
        waits(
          transport,
          'Two other windows hold four of the six connections that your browser has for one server. It begins when one is closed.',
        );
      }
      await pause(AGAIN, signal);
    }
  }

  function begin() {
    for (const transport of ['long-polling', 'streaming']) waits(transport, '');
    longPoll();
    stream();
  }

  poll();
  connect();
  holdSlot();
  return () => stopped.abort();
};

/** Begins if the slot is free, and holds it until it is stopped; the browser lets go of it when the page is closed. */
function held(slot, begin, signal) {
  if (navigator.locks === undefined) {
    begin(); // plain http from elsewhere has no locks
    return true;
  }
  return new Promise((resolve) => {
    navigator.locks.request(slot, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      if (lock === null) return null;
      begin();
      return new Promise((release) => signal.addEventListener('abort', release));
    });
  });
}

function pause(ms, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
