/**
 * The chart of a sweep, drawn by hand: both axes logarithmic, a line for each transport that colour, dashes and markers tell from the
 * others. A classic script, as ../page.js is; the guide's picture is drawn by it too.
 */
globalThis.transportsChart = {
  /** In the order of their steps; `dash` and `mark` are for eyes that see no colours. */
  transports: [
    { name: 'polling', label: 'Polling', dash: '1 6', mark: 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z' },
    { name: 'long-polling', label: 'Long polling', dash: '9 6', mark: 'M-4.500-4.500h9v9h-9z' },
    { name: 'streaming', label: 'Streaming', dash: '12 4 2 4', mark: 'M0-6L5.500 4.500h-11z' },
    { name: 'websocket', label: 'WebSocket', dash: '', mark: 'M0-6.500L6.500 0L0 6.500L-6.500 0z' },
  ],

  /** What the chart can show of a point. */
  metrics: {
    rate: { label: 'Bytes per second', of: (point) => (point.bytesIn + point.bytesOut) / point.seconds },
    each: { label: 'Bytes per delivered message', of: (point) => perMessage(point, point.bytesIn + point.bytesOut) },
    requests: { label: 'Requests per second', of: (point) => point.requests / point.seconds },
    delay: { label: 'Delay of a message, median, in ms', of: (point) => point.delay?.p50 ?? null },
  },

  /** `1.2k`, `340`, `4.7`: for axes and tables. */
  figure(value) {
    if (value === null) return '–';
    const [size, unit] = value >= 1e6 ? [1e6, 'M'] : value >= 1e4 ? [1e3, 'k'] : [1, ''];
    const short = value / size;
    const digits = short >= 100 || Number.isInteger(short) ? 0 : short >= 10 ? 1 : 2;
    return `${short.toLocaleString('en', { maximumFractionDigits: digits })}${unit && `\u202f${unit}`}`;
  },

  /**
   * SVG as text. What has no points yet is axes alone.
   * @param {object[]} points of a sweep
   * @param {'rate' | 'each' | 'requests' | 'delay'} metric
   * @param {{ width: number, height: number, style?: string }} look
   */
  draw(points, metric, { width, height, style = '' }) {
    const { label, of } = this.metrics[metric];
    const box = { left: 52, right: width - 16, top: 62, bottom: height - 40 };
    const values = points.map(of).filter((value) => value > 0);
    const clients = points.map((point) => point.clients);
    const x = axis(1, Math.max(points.length === 0 ? 1000 : 10, ...clients), box.left + 14, box.right - 14);
    const y = axis(Math.min(...values, 1000), Math.max(...values, metric === 'rate' ? 1e5 : 100), box.bottom, box.top);
    const place = (point) => `${round(x.at(point.clients))} ${round(Math.min(y.at(Math.max(of(point), 1e-9)), box.bottom))}`;
    const lines = this.transports.map((transport) => {
      const own = points.filter((point) => point.transport === transport.name && of(point) !== null);
      const marks = own.map((point) => `<path class="mark" d="${transport.mark}" transform="translate(${place(point)})"/>`).join('');
      const line = own.length > 1 ? `<path class="line" d="M${own.map(place).join('L')}" stroke-dasharray="${transport.dash}"/>` : '';
      return `<g class="${transport.name}">${line}${marks}</g>`;
    });
    const said = points.map((point) => `${this.labelOf(point)} with ${point.clients}: ${this.figure(of(point))}`).join('; ');
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="chart-title chart-said">
<title id="chart-title">${label}, by number of clients</title>
<desc id="chart-said">${said || 'Nothing has been measured yet.'}</desc>
${style}<text class="name" x="0" y="14">${label}</text>
${legend(this.transports, width)}
${y.ticks.map((tick) => `<path class="grid" d="M${box.left} ${round(y.at(tick))}H${box.right}"/><text class="tick" x="${box.left - 8}" y="${round(y.at(tick)) + 4}" text-anchor="end">${this.figure(tick)}</text>`).join('\n')}
${x.ticks.map((tick) => `<path class="grid" d="M${round(x.at(tick))} ${box.top}V${box.bottom}"/><text class="tick" x="${round(x.at(tick))}" y="${box.bottom + 18}" text-anchor="middle">${tick.toLocaleString('en')}</text>`).join('\n')}
<text class="tick" x="${box.right}" y="${height - 4}" text-anchor="end">clients</text>
${lines.toReversed().join('\n')}
</svg>
`;
  },

  labelOf: ({ transport }) => globalThis.transportsChart.transports.find(({ name }) => name === transport).label,
};

function perMessage({ delivered }, value) {
  return delivered === 0 ? null : value / delivered;
}

const round = (value) => Math.round(value * 10) / 10;

/** From one power of ten to another, so that every value lies between them. */
function axis(least, most, from, to) {
  const [low, high] = [Math.floor(Math.log10(least) + 1e-9), Math.ceil(Math.log10(most) - 1e-9)];
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
  };
}

/** In a row, or in two where there is no width. */
function legend(transports, width) {
  const columns = width < 520 ? 2 : 4;
  const step = Math.min(150, width / columns);
  return transports
    .map(({ name, label, dash, mark }, i) => {
      const [x, y] = [(i % columns) * step, columns === 4 ? 38 : 30 + 18 * Math.floor(i / columns)];
      return `<g class="${name}" transform="translate(${round(x)} ${y})"><path class="line" d="M0 0H30" stroke-dasharray="${dash}"/><path class="mark" d="${mark}" transform="translate(15 0)"/><text class="key" x="38" y="4">${label}</text></g>`;
    })
    .join('\n');
}
