// What a sample looks like, as pixels; outcomes are numbered as in _map.py.
const WRONG = 2, NEWLY_RIGHT = 3, NEWLY_WRONG = 4;

// the pixels of a dot or a mark round its middle, as column, row and cover of 0 to 1; drawn once for each size
const stamps = new Map();
function stamp(kind, size, dense) {
  const radius = Math.max(0.5, Math.round(size * dense * 2) / 2), key = `${kind} ${radius} ${dense}`;
  if (stamps.has(key)) return stamps.get(key);
  const middle = Math.ceil(radius + 2 * dense) + 1, side = 2 * middle + 1;
  const small = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const pen = small.getContext("2d", { willReadFrequently: true });
  pen.translate(middle + 0.5, middle + 0.5);
  pen.lineWidth = Math.min(1.6, 0.5 + size / 4) * dense;
  pen.beginPath();
  outline(pen, kind, radius);
  kind === "dot" ? pen.fill() : pen.stroke();
  const { data: drawn } = pen.getImageData(0, 0, side, side);
  const cover = [];
  for (let k = 0; k < side * side; k++)
    if (drawn[4 * k + 3] > 8) cover.push((k % side) - middle, Math.floor(k / side) - middle, drawn[4 * k + 3] / 255);
  stamps.set(key, cover);
  return cover;
}

function outline(pen, kind, size) {
  if (kind === "dot") {
    pen.arc(0, 0, size, 0, 7);
  } else if (kind === NEWLY_WRONG) {
    pen.moveTo(-size, -size); pen.lineTo(size, size); pen.moveTo(size, -size); pen.lineTo(-size, size);
  } else if (kind === NEWLY_RIGHT) {
    pen.moveTo(0, -size); pen.lineTo(size, size * 0.7); pen.lineTo(-size, size * 0.7); pen.closePath();
  } else {
    pen.moveTo(0, -size); pen.lineTo(size, 0); pen.lineTo(0, size); pen.lineTo(-size, 0); pen.closePath();
  }
}
