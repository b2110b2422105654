/** The test picture of the danmaku page: a night in the forest, for those who have no camera or want to show none. */
window.testPicture = (() => {
  const STARS = Array.from({ length: 70 }, (_, i) => ({ x: (i * 137.5) % 640, y: (i * i * 7.3) % 210, size: 0.6 + ((i * 31) % 10) / 8 }));
  const HILLS = [
    { y: 250, height: 34, length: 150, speed: 6, colour: '#23443f' },
    { y: 282, height: 26, length: 95, speed: 14, colour: '#183330' },
    { y: 318, height: 16, length: 60, speed: 30, colour: '#0e211f' },
  ];
  const cat = new Image();
  // Of a canvas with a picture from a file in it, the browser gives nothing away: there the forest is without its cat.
  if (location.protocol !== 'file:') cat.src = '../margay.svg';

  function sky(context, seconds) {
    const night = context.createLinearGradient(0, 0, 0, 300);
    night.addColorStop(0, '#14213d');
    night.addColorStop(0.7, '#4a4e7d');
    night.addColorStop(1, '#d98b62');
    context.fillStyle = night;
    context.fillRect(0, 0, 640, 360);
    for (const [i, { x, y, size }] of STARS.entries()) {
      context.fillStyle = `rgb(255 250 230 / ${0.45 + 0.45 * Math.sin(seconds * 2 + i)})`;
      context.fillRect(x, y, size * 1.6, size * 1.6);
    }
    context.fillStyle = '#ffedc2';
    context.beginPath();
    context.arc(520, 78, 34, 0, 7);
    context.fill();
  }

  function hill(context, seconds, { y, height, length, speed, colour }) {
    context.fillStyle = colour;
    context.beginPath();
    context.moveTo(0, 360);
    for (let x = 0; x <= 640; x += 8) {
      const at = (x + seconds * speed) / length;
      context.lineTo(x, y - height * (Math.sin(at) + 0.4 * Math.sin(at * 2.3 + 1)));
    }
    context.lineTo(640, 360);
    context.fill();
  }

  /** Looks over the hill, and ducks. */
  function margay(context, seconds) {
    if (!cat.complete || cat.naturalWidth === 0) return;
    const up = Math.max(0, Math.sin(seconds * 0.9));
    context.drawImage(cat, 250 + 60 * Math.sin(seconds * 0.31), 262 - 120 * Math.min(1, up * 1.6), 150, 150);
  }

  /** @param {string} label written at the bottom, for whoever wants to see how old a picture is */
  return (context, seconds, label) => {
    sky(context, seconds);
    hill(context, seconds, HILLS[0]);
    hill(context, seconds, HILLS[1]);
    margay(context, seconds);
    hill(context, seconds, HILLS[2]);
    context.fillStyle = '#fffaf1';
    context.font = '600 17px ui-monospace, Menlo, Consolas, monospace';
    context.fillText(label, 18, 344);
  };
})();
