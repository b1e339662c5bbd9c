// Lasso and box: a figure drawn with mouse, pen or finger becomes a polygon in map units.

import { element } from "./dom";
import type { Point } from "./types";

export type Tool = "pan" | "lasso" | "box";

const CLOSER_THAN = 3;

export class Pen {
  readonly root: HTMLDivElement = element("div", { class: "pen" });
  private readonly canvas = element("canvas");
  private trace: Point[] = [];
  private tool: Tool = "lasso";
  private drawing = false;

  /** `place` turns pixels into map units; `done` gets a whole polygon; `click` a place that was only touched. */
  constructor(
    private readonly place: (pixel: Point) => Point,
    private readonly done: (polygon: Point[]) => void,
    private readonly click: (pixel: Point) => void,
    private readonly under: HTMLCanvasElement,
  ) {
    this.root.append(this.canvas);
    this.root.addEventListener("pointerdown", (event) => this.begin(event));
    this.root.addEventListener("pointermove", (event) => this.go(event));
    this.root.addEventListener("pointerup", () => this.end());
    this.root.addEventListener("pointercancel", () => this.stop());
    // the wheel zooms and the pointer finds samples whatever tool is in hand
    this.root.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.under.dispatchEvent(new WheelEvent("wheel", event));
      },
      { passive: false },
    );
    for (const name of ["mouseenter", "mouseleave"] as const) {
      this.root.addEventListener(name, (event) => this.under.dispatchEvent(new MouseEvent(name, event)));
    }
  }

  use(tool: Tool): void {
    this.tool = tool;
    this.root.style.pointerEvents = tool === "pan" ? "none" : "auto";
  }

  private begin(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.root.setPointerCapture(event.pointerId);
    this.drawing = true;
    this.trace = [[event.offsetX, event.offsetY]];
  }

  private go(event: PointerEvent): void {
    if (!this.drawing) return;
    // every move that the browser put together into one event: a fast hand keeps its curve
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) {
      const here: Point = [move.offsetX, move.offsetY];
      const [x, y] = this.trace[this.trace.length - 1];
      if (Math.hypot(here[0] - x, here[1] - y) >= CLOSER_THAN) this.trace.push(here);
    }
    this.paint();
  }

  private end(): void {
    if (!this.drawing) return;
    const corners = this.corners();
    const first = this.trace[0];
    this.stop();
    if (corners.length >= 3) this.done(corners.map((corner) => this.place(corner)));
    else this.click(first);
  }

  private stop(): void {
    this.drawing = false;
    this.trace = [];
    this.paint();
  }

  private corners(): Point[] {
    if (this.tool === "lasso" || this.trace.length < 2) return this.trace;
    const [x0, y0] = this.trace[0];
    const [x1, y1] = this.trace[this.trace.length - 1];
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
  }

  private paint(): void {
    // hidden as well as cleared: under software GL, Chromium now and then goes on showing a canvas that was only cleared
    this.canvas.style.visibility = this.trace.length < 2 ? "hidden" : "visible";
    const { clientWidth, clientHeight } = this.root;
    this.canvas.width = clientWidth;
    this.canvas.height = clientHeight;
    const context = this.canvas.getContext("2d");
    if (context === null || this.trace.length < 2) return;
    context.beginPath();
    for (const [x, y] of this.corners()) context.lineTo(x, y);
    context.closePath();
    context.fillStyle = "rgba(0, 114, 178, 0.12)";
    context.fill();
    context.setLineDash([5, 4]);
    context.lineWidth = 2;
    context.strokeStyle = "#0072B2";
    context.stroke();
  }
}
