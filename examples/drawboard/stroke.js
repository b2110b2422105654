/** A stroke on the page: as text for the server, from its text, and on a canvas. A classic script, as page.js is. */
window.drawboard = {
  WIDTH: 900,
  HEIGHT: 600,
  BRUSH: 1,
  LINE: 2,
  RECTANGLE: 3,
  ELLIPSE: 4,

  /** `<type>,<R>,<G>,<B>,<A>,<thickness>,<x1>,<y1>,<x2>,<y2>` */
  print({ type, colour, thickness, x1, y1, x2, y2 }) {
    return [type, ...colour, thickness, x1, y1, x2, y2].join();
  },

  /** The same, behind the number of the reader's own last stroke that is in the picture by now. */
  parse(item) {
    const [id, type, red, green, blue, alpha, thickness, x1, y1, x2, y2] = item.split(',').map(Number.parseFloat);
    return { id, stroke: { type, colour: [red, green, blue, alpha], thickness, x1, y1, x2, y2 } };
  },

  /** With round ends, sharp corners, and nothing where a number is infinite: what the server paints for those who come later. */
  paint(context, { type, colour: [red, green, blue, alpha], thickness, x1, y1, x2, y2 }) {
    if (thickness === 0) return; // a canvas would take what it had before
    context.strokeStyle = context.fillStyle = `rgb(${red} ${green} ${blue} / ${alpha / 255})`;
    context.lineWidth = thickness;
    context.lineCap = 'round';
    context.lineJoin = type === drawboard.RECTANGLE ? 'miter' : 'round';
    context.beginPath();
    if (x1 === x2 && y1 === y2) {
      context.arc(x1, y1, thickness / 2, 0, 2 * Math.PI);
      context.fill();
      return;
    }
    if (type === drawboard.RECTANGLE) context.rect(Math.min(x1, x2), Math.min(y1, y2), Math.abs(x2 - x1), Math.abs(y2 - y1));
    else if (type === drawboard.ELLIPSE) {
      context.ellipse((x1 + x2) / 2, (y1 + y2) / 2, Math.abs(x2 - x1) / 2, Math.abs(y2 - y1) / 2, 0, 0, 2 * Math.PI);
    } else {
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
    }
    context.stroke();
  },
};
