// The map: pan, zoom, read a dot, step between the two checkpoints. All text goes in as text, never as markup.
(() => {
  const source = document.getElementById("map-data");
  if (!source) return;
  const data = JSON.parse(source.textContent);
  const root = document.getElementById("map");
  const canvas = root.querySelector("canvas");
  const stage = root.querySelector(".stage");
  const card = root.querySelector(".hover");
  const said = root.querySelector(".said");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // ---- the samples -------------------------------------------------------------------------------------------
  const bytes = (name) => Uint8Array.from(atob(data[name]), (letter) => letter.charCodeAt(0)).buffer;
  const n = data.n;
  const before = new Uint16Array(bytes("before"));
  const now = new Uint16Array(bytes("now"));
  const label = new Int16Array(bytes("label"));
  const answer = new Int16Array(bytes("answer"));
  const shift = new Uint16Array(bytes("shift"));
  const outcome = new Uint8Array(bytes("outcome"));
  const color = new Uint8Array(bytes("color"));
  const confidence = new Uint8Array(bytes("confidence"));
  const STEPS = 65535, MARGIN = 0.06, CLOSEST = 60, REACH = 14;
  const OUTCOMES = ["right", "not evaluated", "wrong before and now", "wrong before, right now", "right before, wrong now"];
  // grey ones first, then the coloured concepts, what the model gets wrong on top
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => color[a] - color[b] || a - b);
  const marked = order.filter((i) => outcome[i] >= WRONG).sort((a, b) => outcome[a] - outcome[b]);
  const newlyWrong = marked.filter((i) => outcome[i] === NEWLY_WRONG).sort((a, b) => shift[b] - shift[a]);
  const known = (list, code) => (code === -1 ? null : code === -2 ? "(a rarer one)" : list[code]);
  const unit = (point) => point.map((value, axis) => (value - data.low[axis]) / data.size);

  // ---- what is seen ------------------------------------------------------------------------------------------
  const view = { x: 0.5, y: 0.5, zoom: 1 };
  let share = 1, wanted = 1, width = 0, height = 0, dense = 1, image = null, pointed = -1, queued = false, ink = {};
  const scale = () => (Math.min(width, height) * (1 - 2 * MARGIN)) * view.zoom;
  const across = (x) => width / 2 + (x - view.x) * scale();
  const down = (y) => height / 2 - (y - view.y) * scale();
  const place = (i) => [
    (before[2 * i] + (now[2 * i] - before[2 * i]) * share) / STEPS,
    (before[2 * i + 1] + (now[2 * i + 1] - before[2 * i + 1]) * share) / STEPS,
  ];

  function readInk() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    const parts = (name) => [1, 3, 5].map((start) => parseInt(of(name).slice(start, start + 2), 16));
    ink = {
      text: of("--ink"), soft: of("--soft"), halo: of("--panel"), page: of("--page"), ground: parts("--panel"),
      series: ["--grey", "--blue", "--green", "--purple", "--sky", "--orange"].map(of),
      dots: ["--grey", "--blue", "--green", "--purple", "--sky", "--orange"].map(parts),
      marks: { [WRONG]: parts("--orange"), [NEWLY_RIGHT]: parts("--blue"), [NEWLY_WRONG]: parts("--vermillion") },
    };
  }

  function fit() {
    const box = stage.getBoundingClientRect();
    if (!box.width || !box.height) return;
    dense = window.devicePixelRatio || 1;
    width = box.width;
    height = box.height;
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    image = context.createImageData(canvas.width, canvas.height);
    context.setTransform(dense, 0, 0, dense, 0, 0);
    draw();
  }

  function soon() {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; draw(); });
  }

  // ---- drawing -----------------------------------------------------------------------------------------------
  // samples are put into the picture pixel by pixel: tens of thousands of strokes take seconds without a graphics card
  function draw() {
    const near = Math.sqrt(view.zoom);
    const dot = Math.min(9, (n > 8000 ? 2 : n > 2000 ? 3 : 4) * near);
    // the more marks there are, the smaller each of them
    const mark = Math.max(1.8, Math.min(7, 4 * near * Math.min(1, Math.sqrt(400 / Math.max(1, marked.length)))));
    const [red, green, blue] = ink.ground;
    new Uint32Array(image.data.buffer).fill(((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0);
    const round = stamp("dot", dot / 2, dense);
    for (const i of order) put(i, round, ink.dots[color[i]], color[i] ? 0.8 : 0.45);
    for (const kind of [WRONG, NEWLY_RIGHT, NEWLY_WRONG]) {
      const shape = stamp(kind, mark, dense);
      for (const i of marked) if (outcome[i] === kind) put(i, shape, ink.marks[kind], 1);
    }
    context.putImageData(image, 0, 0);
    data.paths.forEach((path, number) => drawPath(path, number));
    drawNames();
    if (pointed >= 0) drawPointed(dot);
    root.dataset.at = share === 1 ? "now" : share === 0 ? "before" : "between";
    canvas.classList.toggle("zoomed", view.zoom > 1.01);
  }

  function put(i, shape, [red, green, blue], opacity) {
    const [x, y] = place(i);
    const left = Math.round(across(x) * dense), top = Math.round(down(y) * dense);
    const wide = image.width, high = image.height, pixels = image.data;
    if (left < -20 || top < -20 || left > wide + 20 || top > high + 20) return;
    for (let k = 0; k < shape.length; k += 3) {
      const column = left + shape[k], row = top + shape[k + 1];
      if (column < 0 || row < 0 || column >= wide || row >= high) continue;
      const at = 4 * (row * wide + column), cover = shape[k + 2] * opacity;
      pixels[at] += (red - pixels[at]) * cover;
      pixels[at + 1] += (green - pixels[at + 1]) * cover;
      pixels[at + 2] += (blue - pixels[at + 2]) * cover;
    }
  }

  function drawPath(path, number) {
    const knots = path.points.map(unit).map(([x, y]) => [across(x), down(y)]);
    const line = () => {
      context.beginPath();
      knots.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.stroke();
    };
    context.lineJoin = context.lineCap = "round";
    context.strokeStyle = ink.halo; context.lineWidth = 7; line();
    context.strokeStyle = ink.text; context.lineWidth = 2; line();
    knots.forEach(([x, y], i) => {
      const shown = i === (share < 0.5 ? 0 : knots.length - 1);
      context.beginPath();
      context.arc(x, y, shown ? 7 : 2.5, 0, 7);
      context.fillStyle = shown ? ink.series[number + 1] : ink.text;
      context.fill();
      if (shown) { context.strokeStyle = ink.page; context.lineWidth = 2; context.stroke(); }
    });
  }

  function drawNames() {
    const placed = [];
    context.textAlign = "center";
    context.lineJoin = "round";
    const write = (text, left, top, half, tint) => {
      placed.push({ left, top, half });
      context.strokeStyle = ink.halo; context.lineWidth = 4;
      context.strokeText(text, left, top);
      context.fillStyle = tint;
      context.fillText(text, left, top);
    };
    const free = (left, top, half) =>
      placed.every((each) => Math.abs(each.left - left) >= each.half + half + 4 || Math.abs(each.top - top) >= 17);
    for (const name of [...data.names].sort((a, b) => (b.color > 0) - (a.color > 0))) {
      const [x0, y0] = unit(name.before), [x1, y1] = unit(name.now);
      context.font = `${name.color ? "600 14px" : "12px"} system-ui, sans-serif`;
      const half = context.measureText(name.name).width / 2;
      const middle = across(x0 + (x1 - x0) * share), base = down(y0 + (y1 - y0) * share);
      if (middle < -half || middle > width + half || base < -20 || base > height + 20) continue;
      const left = Math.min(Math.max(middle, half + 4), width - half - 4);
      // above its centre, else below it, else not at all: names never lie on one another
      for (const lift of [20, -30, 40, -50]) {
        const top = base - lift;
        if (top < 14 || top > height - 4) continue;
        if (!free(left, top, half)) continue;
        write(name.name, left, top, half, name.color ? ink.text : ink.soft);
        break;
      }
    }
    // the checkpoints along the paths, as far as there is room, the last one first
    context.font = "11px system-ui, sans-serif";
    for (const path of data.paths) {
      for (let i = path.knots.length - 1; i >= 0; i--) {
        const [x, y] = unit(path.points[i]);
        const half = context.measureText(path.knots[i]).width / 2;
        const left = across(x) + half + 12, top = down(y) + 4;
        if (view.zoom > 2 && free(left, top, half)) write(path.knots[i], left, top, half, ink.soft);
      }
    }
  }

  function drawPointed(size) {
    const [x, y] = place(pointed);
    const [x0, y0] = [before[2 * pointed] / STEPS, before[2 * pointed + 1] / STEPS];
    const [x1, y1] = [now[2 * pointed] / STEPS, now[2 * pointed + 1] / STEPS];
    context.strokeStyle = ink.text;
    context.lineWidth = 1.5;
    // where it came from
    context.beginPath();
    context.moveTo(across(x0), down(y0));
    context.lineTo(across(x1), down(y1));
    context.stroke();
    context.beginPath();
    context.arc(across(x), down(y), size / 2 + 6, 0, 7);
    context.lineWidth = 2;
    context.stroke();
  }

  // ---- reading a sample --------------------------------------------------------------------------------------
  function nearest(left, top) {
    let best = -1, least = REACH * REACH;
    for (let i = 0; i < n; i++) {
      const [x, y] = place(i);
      const far = (across(x) - left) ** 2 + (down(y) - top) ** 2;
      if (far < least) { least = far; best = i; }
    }
    return best;
  }

  function facts(i) {
    const predicted = known(data.answers, answer[i]);
    const sure = confidence[i] === 255 ? "" : ` (${(confidence[i] / 2).toFixed(0)} %)`;
    return [
      ["quote", data.texts[i] === null ? "" : `“${data.texts[i]}”`],
      ["", `label ${known(data.labels, label[i]) ?? "–"}`],
      ["", predicted === null ? "" : `predicted ${predicted}${sure}`],
      ["", `shift ${((shift[i] / STEPS) * 2).toFixed(3)} (cosine distance)`],
      ["outcome", OUTCOMES[outcome[i]]],
    ].filter(([, text]) => text);
  }

  function point(i) {
    if (i === pointed) return;
    pointed = i;
    card.hidden = i < 0;
    if (i >= 0) {
      card.replaceChildren(...facts(i).map(([kind, text]) => {
        const line = document.createElement("p");
        line.className = kind;
        line.dir = "auto";
        line.textContent = text;
        return line;
      }));
      const [x, y] = place(i);
      const box = card.getBoundingClientRect();
      const left = across(x) + 16 + box.width > width ? across(x) - 16 - box.width : across(x) + 16;
      const top = Math.min(Math.max(down(y) - box.height / 2, 6), height - box.height - 6);
      card.style.left = `${Math.max(6, Math.min(left, width - box.width - 6))}px`;
      card.style.top = `${Math.max(6, top)}px`;
    }
    soon();
  }

  // ---- moving ------------------------------------------------------------------------------------------------
  function zoomBy(factor, left = width / 2, top = height / 2) {
    const zoom = Math.min(CLOSEST, Math.max(1, view.zoom * factor));
    const [x, y] = [view.x + (left - width / 2) / scale(), view.y - (top - height / 2) / scale()];
    view.zoom = zoom;
    view.x = x - (left - width / 2) / scale();
    view.y = y + (top - height / 2) / scale();
    keepInside();
  }

  function moveBy(right, up) {
    view.x += right / scale();
    view.y += up / scale();
    keepInside();
  }

  function keepInside() {
    // from a little nearer on, every sample can come into the middle
    const slack = Math.min(0.5, view.zoom - 1);
    view.x = Math.min(0.5 + slack, Math.max(0.5 - slack, view.x));
    view.y = Math.min(0.5 + slack, Math.max(0.5 - slack, view.y));
    const half = 0.5 / view.zoom;
    root.dataset.view = [view.x - half, view.x + half, view.y - half, view.y + half].map((edge) => edge.toFixed(4)).join(",");
    point(-1);
    soon();
  }

  function showAll() {
    Object.assign(view, { x: 0.5, y: 0.5, zoom: 1 });
    keepInside();
  }

  function show(which) {
    wanted = which === "now" ? 1 : 0;
    for (const button of root.querySelectorAll("[data-show]"))
      button.setAttribute("aria-pressed", String(button.dataset.show === which));
    said.textContent = `Showing ${which === "now" ? data.current : data.reference}`;
    point(-1);
    const from = share, start = performance.now(), lasting = calm.matches ? 0 : 700;
    const aim = wanted;
    const tick = (time) => {
      if (aim !== wanted) return;
      const done = lasting ? Math.min(1, Math.max(0, (time - start) / lasting)) : 1;
      share = done === 1 ? aim : from + (aim - from) * (done * done * (3 - 2 * done));
      draw();
      if (done < 1) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  let visited = -1;
  function goToNext() {
    if (!newlyWrong.length) { said.textContent = "No sample that was right is wrong now"; return; }
    visited = (visited + 1) % newlyWrong.length;
    const i = newlyWrong[visited];
    [view.x, view.y] = place(i);
    view.zoom = Math.max(view.zoom, 4);
    keepInside();
    point(i);
    said.textContent = `${visited + 1} of ${newlyWrong.length}: ${facts(i).map(([, text]) => text).join(", ")}`;
  }

  const acts = { in: () => zoomBy(1.6), out: () => zoomBy(1 / 1.6), all: showAll, next: goToNext };
  for (const button of root.querySelectorAll("[data-do]"))
    button.addEventListener("click", () => acts[button.dataset.do]());
  for (const button of root.querySelectorAll("[data-show]"))
    button.addEventListener("click", () => show(button.dataset.show));

  const keys = {
    ArrowLeft: () => moveBy(-60, 0), ArrowRight: () => moveBy(60, 0), ArrowUp: () => moveBy(0, 60),
    ArrowDown: () => moveBy(0, -60), "+": acts.in, "=": acts.in, "-": acts.out, 0: showAll, n: goToNext, N: goToNext,
    t: () => show(wanted ? "before" : "now"), T: () => show(wanted ? "before" : "now"), Escape: () => point(-1),
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });

  // a page that is being scrolled is not caught by the map under the pointer, nor is one that cannot zoom out further
  let scrolled = -Infinity;
  addEventListener("scroll", () => { scrolled = performance.now(); }, { passive: true });
  canvas.addEventListener("wheel", (event) => {
    if (performance.now() - scrolled < 250 || (event.deltaY > 0 && view.zoom <= 1)) return;
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    zoomBy(Math.exp(-event.deltaY / 600), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });

  const held = new Map();
  canvas.addEventListener("pointerdown", (event) => {
    held.set(event.pointerId, event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    const last = held.get(event.pointerId);
    if (!last) { point(nearest(event.clientX - box.left, event.clientY - box.top)); return; }
    const other = [...held.values()].find((each) => each.pointerId !== event.pointerId);
    if (other) {
      const apart = (each) => Math.hypot(each.clientX - other.clientX, each.clientY - other.clientY);
      const middle = [(event.clientX + other.clientX) / 2 - box.left, (event.clientY + other.clientY) / 2 - box.top];
      zoomBy(apart(event) / Math.max(1, apart(last)), ...middle);
    } else {
      moveBy(last.clientX - event.clientX, event.clientY - last.clientY);
    }
    held.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      held.delete(event.pointerId);
      const box = canvas.getBoundingClientRect();
      if (end === "pointerup") point(nearest(event.clientX - box.left, event.clientY - box.top));
    });
  }
  canvas.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") point(-1); });

  // ---- begin -------------------------------------------------------------------------------------------------
  root.classList.add("running");
  root.querySelector(".live").hidden = false;
  readInk();
  new ResizeObserver(fit).observe(stage);
  dark.addEventListener("change", () => { readInk(); draw(); });
  fit();
  showAll();
  root.dataset.drawn = String(n);
  root.dataset.ready = "true";
})();
