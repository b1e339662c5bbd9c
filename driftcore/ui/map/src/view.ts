// One map: samples in WebGL, what is said about them above, and what a person does to it.

import { scaleLinear } from "d3-scale";
import createScatterplot from "regl-scatterplot";

import { Card } from "./card";
import { bits, type Cloud } from "./cloud";
import { element, themed } from "./dom";
import { Overlay, type Shown } from "./overlay";
import { Pen, type Tool } from "./pen";
import { Toolbar } from "./toolbar";
import type { Camera, MapEvent, Mode, Point, Scene } from "./types";

/** Where a view says what a person did, and what part of the map is in sight. */
export interface Out {
  act(event: MapEvent): void;
  look(camera: Camera): void;
  /** tells the other maps on the page at once where this one looks */
  moved(camera: Camera): void;
}

const LOOKED_MS = 900;
const TWEEN_MS = 700;
const PAUSE_MS = 350;
// two maps side by side: one that follows the other does not lead it for so long
const LED_MS = 300;

type Unsent = MapEvent extends infer Each ? (Each extends MapEvent ? Omit<Each, "camera" | "serial"> : never) : never;

const ease = (t: number) => (t < 0.5 ? 4 * t ** 3 : 1 - (-2 * t + 2) ** 3 / 2);

export class MapView {
  readonly root = element("div", { class: "driftloop-map" });
  private readonly stage = element("div", { class: "stage" });
  private readonly legend = element("ul", { class: "legend", "aria-label": "Legend: selected of all" });
  private readonly canvas = element("canvas", { role: "img", tabindex: "0" });
  private readonly overlay = new Overlay();
  private readonly card = new Card();
  private readonly toolbar: Toolbar;
  private readonly pen: Pen;
  private readonly across = scaleLinear().domain([-1, 1]);
  private readonly down = scaleLinear().domain([-1, 1]);
  private readonly plot;
  private readonly resizing: ResizeObserver;

  private scene: Scene | null = null;
  private cloud: Cloud | null = null;
  private before: Cloud | null = null;
  private chosen: Uint8Array | null = null;
  private tool: Tool = "lasso";
  private mode: Mode = "replace";
  private shown: Shown = { contours: false, trails: false, paths: true, names: true };
  private playing = false;
  private hovered = -1;
  private tweenedSince = 0;
  private cameraSerial = -1;
  private ledUntil = 0;
  private serial = Date.now();
  private looking = 0;
  private work: Promise<void> = Promise.resolve();

  constructor(private readonly out: Out) {
    this.toolbar = new Toolbar({
      tool: (tool) => this.use(tool),
      mode: (mode) => this.change(() => (this.mode = mode)),
      undo: () => this.tell({ kind: "undo" }),
      clear: () => this.tell({ kind: "clear" }),
      zoom: (factor) => this.look({ ...this.camera(), width: this.camera().width * factor }, true),
      home: () => this.look({ x: 0, y: 0, width: 2.3 * Math.max(1, this.aspect()) }, true),
      step: (to) => this.tell({ kind: "step", to }),
      play: () => this.play(),
      toggle: (layer) => this.change(() => (this.shown[layer] = !this.shown[layer])),
    });
    this.pen = new Pen(
      ([x, y]) => [this.across.invert(x), this.down.invert(y)],
      (polygon) => this.tell({ kind: "polygon", mode: this.mode, polygon }),
      () => this.pick(),
      this.canvas,
    );
    this.stage.append(this.canvas, this.overlay.root, this.pen.root, this.card.root);
    this.root.append(this.toolbar.root, this.stage, this.legend);
    this.plot = createScatterplot({
      canvas: this.canvas,
      width: "auto",
      height: "auto",
      xScale: this.across,
      yScale: this.down,
      aspectRatio: 1,
      cameraDistance: 1.15,
      backgroundColor: "#ffffff",
      // its types do not know the name that it asks for
      ...({ actionKeyMap: {} } as object),
      lassoOnLongPress: false,
      deselectOnDblClick: false,
      deselectOnEscape: false,
      showReticle: false,
      colorBy: "category",
      pointSize: 5,
      pointSizeSelected: 1,
      pointOutlineWidth: 0,
      opacity: 0.85,
      opacityInactiveMax: 1,
      opacityInactiveScale: 0.22,
    });
    this.plot.subscribe("view", () => {
      this.paint();
      // led by the other map, which says it to Python too
      if (performance.now() < this.ledUntil) return;
      this.looked();
      this.out.moved(this.camera());
    });
    this.plot.subscribe("pointOver", (row) => this.hover(row));
    this.plot.subscribe("pointOut", () => this.card.hide());
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.resizing = new ResizeObserver(() => requestAnimationFrame(() => this.paint()));
    this.resizing.observe(this.stage);
    this.use("lasso");
  }

  /** Show a scene; the samples are drawn anew only where they are others. */
  show(scene: Scene, cloud: Cloud): void {
    this.scene = scene;
    // as high as asked, but on a narrow screen no higher than wide: the page must be scrollable beside it
    this.stage.style.height = `min(${scene.height}px, max(20rem, 95vw))`;
    if (scene.readOnly) this.use("pan");
    this.canvas.setAttribute("aria-label", scene.description);
    this.toolbar.show(scene, this.tool, this.mode, this.shown, this.playing);
    this.fillLegend(scene);
    // one after the other: drawing and selecting are promises, and a second scene may come before the first is there
    this.work = this.work.then(() => this.apply(scene, cloud));
  }

  /** The samples in view, where they are the ones asked for. */
  holds(hash: string): Cloud | undefined {
    return this.cloud?.hash === hash ? this.cloud : undefined;
  }

  /** Look where another map looks. */
  follow(camera: Camera): void {
    if (this.root.dataset.ready !== "true" || near(camera, this.camera())) return;
    this.ledUntil = performance.now() + LED_MS;
    void this.look(camera, false);
  }

  destroy(): void {
    this.resizing.disconnect();
    this.plot.destroy();
  }

  private async apply(scene: Scene, cloud: Cloud): Promise<void> {
    const first = this.cloud === null;
    const moved = this.cloud !== cloud;
    this.chosen = bits(scene.selection, cloud.n);
    this.plot.set({ backgroundColor: this.page(), ...this.colours(scene), pointSize: size(cloud.n) });
    if (moved) {
      const tween = this.cloud !== null && this.cloud.n === cloud.n && !calm();
      this.before = tween ? this.cloud : null;
      this.cloud = cloud;
      const points = { x: cloud.x, y: cloud.y, category: cloud.group };
      this.tweenedSince = performance.now();
      if (tween) void this.tween();
      await this.plot.draw(points, {
        transition: tween,
        transitionDuration: TWEEN_MS,
        transitionEasing: ease,
        zDataType: "categorical",
        preventFilterReset: true,
      });
      this.before = null;
    }
    if (scene.cameraSerial !== this.cameraSerial) {
      this.cameraSerial = scene.cameraSerial;
      await this.look(scene.camera, false);
    } else if (first) {
      await this.look(scene.camera, false);
    }
    this.mark();
    this.paint();
    Object.assign(this.root.dataset, {
      drawn: String(cloud.n),
      selected: String(scene.nSelected),
      rings: String(scene.rings.length),
      checkpoint: scene.checkpoint,
      ready: "true",
    });
    if (moved && this.playing) this.onward(scene);
  }

  private colours(scene: Scene): object {
    const colours = scene.groups.map((group) => group.color);
    return { pointColor: colours, pointColorActive: colours, pointColorHover: colours.map(() => this.text()) };
  }

  /** Dim what is not selected. */
  private mark(): void {
    if (this.chosen === null) {
      this.plot.deselect({ preventEvent: true });
      return;
    }
    const rows: number[] = [];
    for (let row = 0; row < this.chosen.length; row += 1) if (this.chosen[row] === 1) rows.push(row);
    this.plot.select(rows, { preventEvent: true });
  }

  private paint(): void {
    const { scene, cloud, before } = this;
    if (scene === null || cloud === null) return;
    const t = ease(Math.min(1, (performance.now() - this.tweenedSince) / TWEEN_MS));
    const place = (row: number): Point =>
      before === null
        ? cloud.at(row)
        : [before.x[row] + t * (cloud.x[row] - before.x[row]), before.y[row] + t * (cloud.y[row] - before.y[row])];
    const pixel = ([x, y]: Point): Point => [this.across(x), this.down(y)];
    this.overlay.paint(scene, cloud, this.chosen, place, pixel, this.shown, { text: this.text(), page: this.page() });
    const view = [...this.across.domain(), ...this.down.domain()];
    this.root.dataset.view = view.map((edge) => edge.toFixed(6)).join(",");
  }

  /** Paint what lies above the samples while these are on their way. */
  private async tween(): Promise<void> {
    while (this.before !== null) {
      this.paint();
      await new Promise((next) => requestAnimationFrame(next));
    }
  }

  private camera(): Camera {
    const [x0, x1] = this.across.domain();
    const [y0, y1] = this.down.domain();
    return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, width: x1 - x0 };
  }

  /** Say what is in sight, once the hand is still: Python keeps it for links. */
  private looked(): void {
    clearTimeout(this.looking);
    if (this.root.dataset.ready !== "true") return;
    this.looking = window.setTimeout(() => this.out.look(this.camera()), LOOKED_MS);
  }

  private aspect(): number {
    return this.canvas.clientWidth / Math.max(1, this.canvas.clientHeight);
  }

  private async look(camera: Camera, smooth: boolean): Promise<void> {
    const height = camera.width / this.aspect();
    const area = { x: camera.x - camera.width / 2, y: camera.y - height / 2, width: camera.width, height };
    await this.plot.zoomToArea(area, { transition: smooth && !calm(), transitionDuration: 250 });
    this.paint();
    // the last step of a transition is not told by the plot
    if (performance.now() >= this.ledUntil) this.out.moved(this.camera());
  }

  private use(tool: Tool): void {
    this.change(() => (this.tool = tool));
    this.pen.use(tool);
    this.stage.dataset.tool = tool;
  }

  private change(what: () => void): void {
    what();
    if (this.scene !== null) this.toolbar.show(this.scene, this.tool, this.mode, this.shown, this.playing);
    this.paint();
  }

  private hover(row: number): void {
    const cloud = this.cloud;
    if (cloud === null) return;
    const [x, y] = cloud.at(row);
    this.card.show(cloud, row, this.across(x), this.down(y), this.canvas.clientWidth);
    this.hovered = row;
  }

  /** A click on a sample takes that one. */
  private pick(): void {
    if (this.card.root.hidden || this.hovered < 0) return;
    this.tell({ kind: "sample", mode: this.mode, row: this.hovered });
  }

  private play(): void {
    this.change(() => (this.playing = !this.playing));
    if (this.playing && this.scene !== null) this.onward(this.scene);
  }

  private onward(scene: Scene): void {
    const { later } = scene;
    if (later === null) this.change(() => (this.playing = false));
    else setTimeout(() => this.playing && this.tell({ kind: "step", to: later }), PAUSE_MS);
  }

  private key(event: KeyboardEvent): void {
    const camera = this.camera();
    const by = camera.width / 8;
    const seen: Record<string, Camera> = {
      ArrowLeft: { ...camera, x: camera.x - by },
      ArrowRight: { ...camera, x: camera.x + by },
      ArrowUp: { ...camera, y: camera.y + by },
      ArrowDown: { ...camera, y: camera.y - by },
      "+": { ...camera, width: camera.width * 0.7 },
      "-": { ...camera, width: camera.width / 0.7 },
    };
    if (!(event.key in seen)) return;
    event.preventDefault();
    void this.look(seen[event.key], false);
  }

  private tell(event: Unsent): void {
    this.serial += 1;
    clearTimeout(this.looking);
    this.out.act({ ...event, camera: this.camera(), serial: this.serial } as MapEvent);
  }

  private fillLegend(scene: Scene): void {
    const entries = scene.groups.map((group) => {
      const entry = element("li");
      const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
      swatch.style.background = group.color;
      const count = scene.selection === null ? group.n.toLocaleString() : `${group.selected.toLocaleString()} / ${group.n.toLocaleString()}`;
      entry.append(swatch, element("span", {}, `${group.name} `), element("span", { class: "count" }, count));
      return entry;
    });
    const marks: [string, string][] = [["✕", "right → wrong"], ["△", "wrong → right"], ["◇", "wrong before and now"]];
    const signs = marks.map(([sign, said], number) => {
      const entry = element("li");
      entry.append(element("span", { class: `sign sign-${number}`, "aria-hidden": "true" }, sign), element("span", {}, said));
      return entry;
    });
    this.legend.replaceChildren(...entries, ...signs);
  }

  private page(): string {
    return hex(themed(this.root, "--st-background-color", "#ffffff"));
  }

  private text(): string {
    return hex(themed(this.root, "--st-text-color", "#222222"));
  }
}

/** Fewer samples are drawn larger. */
function size(n: number): number {
  return n > 300_000 ? 2 : n > 50_000 ? 3 : n > 5_000 ? 5 : 7;
}

/** The same to the eye: less than a pixel apart. */
/** Equal but for how cameras are rounded: the last steps of a zoom are small ones. */
function near(a: Camera, b: Camera): boolean {
  return Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y), Math.abs(a.width - b.width)) < 1e-5 * a.width;
}

function calm(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** regl takes colours as hex only; a theme may name them in any way. */
function hex(colour: string): string {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return "#ffffff";
  context.fillStyle = colour;
  return context.fillStyle.startsWith("#") ? context.fillStyle : "#ffffff";
}
