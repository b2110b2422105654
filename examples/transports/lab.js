/** The page: four cards, the sweep and its chart, and what the wire has carried. */
const { element } = examples;
const { transports: WAYS, metrics, figure, labelOf } = transportsChart;
const byId = (id) => document.getElementById(id);
const number = (id) => Number(byId(id).value);

const EXPLAINED = {
  polling: 'Asks again and again, whether there is something or not. What is new waits for the next time.',
  'long-polling': 'Asks, and is answered when there is something. Then it asks again, with all its heads.',
  streaming: 'Asks once. The answer never ends: each message is a few lines more of it.',
  websocket: 'Asks once, for another protocol. Then either side sends frames with two bytes of head.',
};
const SECONDS = 60; // of a small plot
const DELAYS = 30; // whose median is shown

// What is known

let offset = null; // from this page's clock to the server's
let best = Number.POSITIVE_INFINITY;
let history = []; // totals of each second
let sweep = null;
let refusal = '';
let metric = 'rate';
let plot = 'bytes';
let shown = 'websocket';
let stopClients = () => {};
const last = {};
const wires = {};
const cards = Object.fromEntries(WAYS.map((way) => [way.name, card(way)]));

// The connection: what this page is told of all the others

const lab = examples.connection('/transports/lab', {
  opened: () => {
    best = Number.POSITIVE_INFINITY;
    for (const ms of [0, 100, 200, 400, 800]) setTimeout(askClock, ms);
  },
  heard: (data) => {
    const { type, ...said } = JSON.parse(data);
    hears[type]?.(said);
  },
  changed: (state) => {
    for (const id of ['rate', 'words', 'change']) byId(id).disabled = state !== 'open';
    if (state !== 'open') stopClients();
    if (state !== 'open') byId('pages').textContent = '';
    showSweep();
  },
});

const hears = {
  hello: ({ page }) => {
    stopClients();
    history = [];
    stopClients = startClients(page, { every: () => number('every'), last, got, waits });
  },
  source: ({ perSecond, text }) => {
    byId('rate').value = String(perSecond);
    if (document.activeElement !== byId('words')) byId('words').value = text;
  },
  figures: (said) => {
    const delays = Object.fromEntries(WAYS.map(({ name }) => [name, cards[name].delay(said.load)]));
    history = [...history.slice(-SECONDS), { at: performance.now(), delays, ...said.transports }];
    byId('pages').textContent = `${said.pages === 1 ? '1 page' : `${said.pages} pages`} open`;
    showCards(said);
    if (sweep?.phase === 'running') showSweep();
  },
  wire: (wire) => {
    wires[wire.transport] = wire;
    if (wire.transport === shown) showWire();
  },
  sweep: (state) => {
    sweep = state;
    refusal = '';
    showSweep();
    showPoints();
  },
  clock: ({ asked, at }) => {
    const took = performance.now() - asked;
    if (took > best) return;
    best = took;
    offset = at - (asked + took / 2);
  },
  refused: ({ why }) => {
    refusal = why;
    showSweep();
  },
};

const ask = (what, asked = {}) => lab.send(JSON.stringify({ do: what, ...asked }));
const askClock = () => ask('clock', { asked: performance.now() });
setInterval(askClock, 10_000);

// The four clients

function got(transport, { at, text, id }) {
  cards[transport].got(`${id} · ${text}`, offset === null ? null : Math.max(0, performance.now() + offset - at));
}

function waits(transport, why) {
  cards[transport].waits(why);
}

function card({ name, label, mark }) {
  const box = element('article', `way card ${name}`);
  const [title, now, list] = [element('h2', '', label), element('p', 'now'), element('dl', '')];
  title.insertAdjacentHTML(
    'afterbegin',
    `<svg class="sign" viewBox="-8 -8 16 16" aria-hidden="true"><path class="mark" d="${mark}"/></svg>`,
  );
  const [value, unit, text] = [element('b', 'value', '–'), element('span', 'unit'), element('p', 'text')];
  now.append(value, unit);
  const figures = ['bytes a message', 'requests a message', 'delay', 'clients'].map((term) => {
    const figure = element('dd', '', '–');
    list.append(element('dt', '', term), figure);
    return figure;
  });
  for (const [i, kind] of ['each', 'asks', 'delay', 'clients'].entries()) figures[i].dataset.figure = kind;
  box.append(title, element('p', 'what', EXPLAINED[name]), plotBox(), now, list, text);
  byId('cards').append(box);
  let delays = [];
  return {
    box,
    got(line, delay) {
      text.className = 'text';
      text.textContent = line;
      if (delay !== null) delays = [...delays.slice(1 - DELAYS), delay];
    },
    waits(why) {
      if (why === '' && text.className === 'text') return;
      text.className = why ? 'text waits' : 'text';
      text.textContent = why;
    },
    /** Of the load while there is some, else of this page. */
    delay(load) {
      if (load?.transport === name) return load.delay;
      return delays.toSorted((a, b) => a - b)[delays.length >> 1] ?? null;
    },
    show(each, asks, delay, clients) {
      figures[0].textContent = figure(each);
      figures[1].textContent = figure(asks);
      figures[2].textContent = delay === null ? '–' : `${figure(delay)} ms`;
      figures[3].textContent = clients.toLocaleString('en');
    },
    plot(points, current, words) {
      box.querySelector('polyline').setAttribute('points', points);
      value.textContent = current;
      unit.textContent = words;
    },
  };
}

function plotBox() {
  const box = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [name, value] of Object.entries({
    class: 'plot',
    viewBox: '0 0 100 40',
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  })) {
    box.setAttribute(name, value);
  }
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
  line.setAttribute('class', 'line');
  box.append(line);
  return box;
}

const bytesOf = ({ bytesIn, bytesOut }) => bytesIn + bytesOut;
const PLOTS = {
  bytes: { words: 'bytes a second', of: (now, before, name, seconds) => (bytesOf(now[name]) - bytesOf(before[name])) / seconds },
  requests: { words: 'requests a second', of: (now, before, name, seconds) => (now[name].requests - before[name].requests) / seconds },
  delay: { words: 'ms, median', of: (now, _before, name) => now.delays[name] },
};

function showCards({ pages, load }) {
  const [first, now] = [history.at(-31) ?? history[0], history.at(-1)];
  for (const { name } of WAYS) {
    const messages = now[name].messages - first[name].messages;
    const per = (value) => (messages === 0 ? null : value / messages);
    cards[name].show(
      per(bytesOf(now[name]) - bytesOf(first[name])),
      per(now[name].requests - first[name].requests),
      now.delays[name],
      pages + (load?.transport === name ? load.clients : 0),
    );
  }
  showPlots();
}

/** All on one scale, from 1 (and less) to the most there is: that of a thousand clients and that of one can both be seen. */
function showPlots() {
  const { words, of } = PLOTS[plot];
  const lines = WAYS.map(({ name }) => history.slice(1).map((now, i) => of(now, history[i], name, (now.at - history[i].at) / 1000)));
  const most = Math.log10(Math.max(100, ...lines.flat()));
  const height = (value) => 39 - (Math.log10(Math.max(1, value ?? 0)) / most) * 36;
  for (const [i, { name }] of WAYS.entries()) {
    const values = lines[i];
    const points = values.map((value, at) => `${100 - ((values.length - 1 - at) / (SECONDS - 1)) * 100},${height(value).toFixed(1)}`);
    cards[name].plot(points.join(' '), figure(values.at(-1) ?? null), words);
  }
}

// The sweep

function showSweep() {
  const isRunning = sweep?.phase === 'running';
  byId('sweep').disabled = lab?.state !== 'open';
  byId('sweep').textContent = isRunning ? 'Stop' : 'Measure';
  for (const id of ['up-to', 'seconds']) byId(id).disabled = isRunning;
  byId('progress').hidden = !isRunning;
  byId('said').className = refusal || sweep?.phase === 'failed' ? 'said bad' : 'said';
  byId('said').textContent = refusal || wordsOf(sweep);
  if (sweep) Object.assign(byId('progress'), { value: sweep.step, max: sweep.steps });
}

/** As long as each step is measured, and what it takes to connect and to come to rest. */
function estimated() {
  const [seconds, beat, every] = [number('seconds'), 1 / number('rate'), number('every') / 1000];
  const counts = String(number('up-to')).length;
  return Math.ceil((counts * (WAYS.length * (Math.max(seconds, beat) + beat / 2 + 0.4) + every)) / 10) * 10;
}

function wordsOf(state) {
  if (state === null) return `Nobody has measured yet. It will take about ${estimated()} s, and the points come as they are measured.`;
  const { phase, step, steps, clients, order, points } = state;
  const at = `${order.perSecond} messages a second, a poll every ${order.every / 1000} s, ${order.seconds} s for each point`;
  if (phase === 'running') {
    return `${labelOf(state)} with ${clients.toLocaleString('en')} ${clients === 1 ? 'client' : 'clients'}: point ${step + 1} of ${steps} (${at}).`;
  }
  if (phase === 'failed') return `It has failed: ${state.why}.`;
  return `${phase === 'done' ? 'Measured' : 'Stopped'}: ${points.length} points, ${at}.`;
}

function showPoints() {
  const points = sweep?.points ?? [];
  const width = Math.max(280, Math.min(960, byId('chart').clientWidth));
  const svg = transportsChart.draw(points, metric, { width, height: width < 520 ? 340 : 400 });
  byId('chart').innerHTML = svg; // numbers and words of our own
  byId('table').hidden = points.length === 0;
  byId('rows').replaceChildren(...points.map(row));
}

function row(point, i) {
  const line = element('tr', `${point.transport}${i % WAYS.length === 0 ? ' first' : ''}`);
  const way = element('th', '', labelOf(point));
  way.scope = 'row';
  const ms = (value) => (value === undefined ? '–' : `${figure(value)} ms`);
  const cells = [
    ...['rate', 'each', 'requests'].map((name) => figure(metrics[name].of(point))),
    ms(point.delay?.p50),
    ms(point.delay?.p99),
    figure(point.connecting / point.clients),
    String(point.missed),
  ];
  line.append(element('td', '', point.clients.toLocaleString('en')), way, ...cells.map((text) => element('td', '', text)));
  return line;
}

// The wire

function showWire() {
  const { request = '', answer = '', last: bytes = '' } = wires[shown] ?? {};
  const sizeText = (text) => (text === '' ? '' : `${new Blob([text]).size + 4} bytes`);
  byId('request').textContent = request;
  byId('answer').textContent = answer;
  byId('request-size').textContent = sizeText(request);
  byId('answer-size').textContent = sizeText(answer);
  const raw = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0));
  byId('last-title').textContent =
    shown === 'websocket' ? 'Last frame' : shown === 'streaming' ? 'Last piece of the answer' : 'Last answer’s body';
  byId('last').textContent = shown === 'websocket' ? frameText(raw) : new TextDecoder().decode(raw);
}

/** A frame's head in hexadecimal, and its payload as text. */
function frameText(raw) {
  if (raw.length < 2) return '';
  const head = (raw[1] & 127) < 126 ? 2 : 4;
  const hex = [...raw.slice(0, head)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `${hex}\n${new TextDecoder().decode(raw.slice(head))}`;
}

// What a person does

byId('rate').onchange = () => ask('source', { perSecond: number('rate') });
byId('say').onsubmit = (event) => {
  event.preventDefault();
  ask('source', { text: byId('words').value });
};
byId('sweep').onclick = () => {
  if (sweep?.phase === 'running') return ask('cancel');
  ask('sweep', { upTo: number('up-to'), seconds: number('seconds'), perSecond: number('rate'), every: number('every') });
};
for (const id of ['up-to', 'seconds', 'rate', 'every']) byId(id).addEventListener('change', showSweep);
byId('plotted').onchange = ({ target }) => {
  plot = target.value;
  if (history.length > 0) showPlots();
};
byId('metrics').onchange = ({ target }) => {
  metric = target.value;
  showPoints();
};
for (const { name, label } of WAYS) {
  const [choice, input] = [element('label', ''), element('input', '')];
  Object.assign(input, { type: 'radio', name: 'wire', value: name, checked: name === shown });
  choice.append(input, label);
  byId('wired').append(choice);
}
byId('wired').onchange = ({ target }) => {
  shown = target.value;
  showWire();
};
for (const id of ['table', 'request', 'answer', 'last']) byId(id).tabIndex = 0; // the keyboard scrolls them
new ResizeObserver(showPoints).observe(byId('chart'));

showWire();
lab.open();
