// What is said about the samples, above them: contours, trails, marks of what the model got wrong, paths, names.

import { contourDensity, type ContourMultiPolygon } from "d3-contour";

import type { Cloud } from "./cloud";
import { element } from "./dom";
import { OUTCOME, type Path, type Point, type Scene } from "./types";

// more marks than this would cover the samples; the others come when there are fewer in sight
const MARKED_AT_MOST = 4_000;
const TRAILS_AT_MOST = 4_000;
const CONTOURED_AT_MOST = 50_000;
const GRID = 256;
const EXTENT = 1.6;

export interface Shown {
  contours: boolean;
  trails: boolean;
  paths: boolean;
  names: boolean;
}

/** Where a sample is between two steps. */
export type Place = (row: number) => Point;

interface Ink {
  text: string;
  page: string;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export class Overlay {
  readonly root = element("canvas", { class: "overlay" });
  private contours: ContourMultiPolygon[] = [];
  private contoured = "";

  paint(scene: Scene, cloud: Cloud, chosen: Uint8Array | null, place: Place, pixel: (at: Point) => Point, shown: Shown, ink: Ink): void {
    const scale = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.root;
    this.root.width = Math.round(width * scale);
    this.root.height = Math.round(height * scale);
    const context = this.root.getContext("2d");
    if (context === null) return;
    context.scale(scale, scale);
    if (shown.contours) this.paintContours(context, cloud, pixel, ink);
    paintStrays(context, scene, pixel);
    if (shown.trails) paintTrails(context, scene, cloud, chosen, place, pixel, ink);
    paintMarks(context, cloud, chosen, place, pixel, width, height);
    paintRings(context, scene, pixel, ink);
    if (shown.paths) for (const path of scene.paths) paintPath(context, path, pixel, ink);
    if (shown.names) paintNames(context, scene, shown.paths, pixel, width, height, ink);
  }

  private paintContours(context: CanvasRenderingContext2D, cloud: Cloud, pixel: (at: Point) => Point, ink: Ink): void {
    if (this.contoured !== cloud.hash) {
      this.contours = density(cloud);
      this.contoured = cloud.hash;
    }
    context.lineWidth = 1;
    context.strokeStyle = ink.text;
    this.contours.forEach((contour, level) => {
      context.globalAlpha = 0.15 + (0.45 * level) / this.contours.length;
      context.beginPath();
      for (const polygon of contour.coordinates) {
        for (const ring of polygon) ring.forEach(([x, y], corner) => {
          const [left, top] = pixel([(x / GRID) * 2 * EXTENT - EXTENT, (y / GRID) * 2 * EXTENT - EXTENT]);
          if (corner === 0) context.moveTo(left, top);
          else context.lineTo(left, top);
        });
      }
      context.stroke();
    });
    context.globalAlpha = 1;
  }
}

function density(cloud: Cloud): ContourMultiPolygon[] {
  const every = Math.max(1, Math.ceil(cloud.n / CONTOURED_AT_MOST));
  const rows = Array.from({ length: Math.floor(cloud.n / every) }, (_, number) => number * every);
  return contourDensity<number>()
    .x((row) => ((cloud.x[row] + EXTENT) / (2 * EXTENT)) * GRID)
    .y((row) => ((cloud.y[row] + EXTENT) / (2 * EXTENT)) * GRID)
    .size([GRID, GRID])
    .cellSize(2)
    .bandwidth(5)
    .thresholds(7)(rows);
}

function paintTrails(context: CanvasRenderingContext2D, scene: Scene, cloud: Cloud, chosen: Uint8Array | null, place: Place, pixel: (at: Point) => Point, ink: Ink): void {
  const threshold = scene.trailThreshold;
  if (threshold === null) return;
  let drawn = 0;
  context.lineWidth = 1;
  context.strokeStyle = ink.text;
  for (let row = 0; row < cloud.n && drawn < TRAILS_AT_MOST; row += 1) {
    if (cloud.shift[row] < threshold) continue;
    drawn += 1;
    const from = pixel([cloud.fromX[row], cloud.fromY[row]]);
    const to = pixel(place(row));
    // thin at its start and stronger toward where the sample is now
    const dim = chosen === null || chosen[row] === 1 ? 1 : 0.2;
    context.globalAlpha = 0.55 * dim;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** A cross for right → wrong, a triangle for wrong → right, a diamond for wrong before and now. */
function paintMarks(context: CanvasRenderingContext2D, cloud: Cloud, chosen: Uint8Array | null, place: Place, pixel: (at: Point) => Point, width: number, height: number): void {
  const places = new Map<number, Point>();
  for (let row = 0; row < cloud.n; row += 1) {
    if (cloud.outcome[row] < OUTCOME.wrong) continue;
    const [x, y] = pixel(place(row));
    if (x >= 0 && y >= 0 && x <= width && y <= height) places.set(row, [x, y]);
  }
  // by halves, so that the marks in sight stay the same ones while the map is moved
  const share = 2 ** -Math.max(0, Math.ceil(Math.log2(places.size / MARKED_AT_MOST)));
  context.lineWidth = 1.6;
  for (const [row, [x, y]] of places) {
    const outcome = cloud.outcome[row];
    if (luck(row) >= share) continue;
    context.globalAlpha = chosen === null || chosen[row] === 1 ? 0.95 : 0.22;
    context.beginPath();
    if (outcome === OUTCOME.newlyWrong) {
      context.strokeStyle = "#D55E00";
      context.moveTo(x - 4, y - 4);
      context.lineTo(x + 4, y + 4);
      context.moveTo(x - 4, y + 4);
      context.lineTo(x + 4, y - 4);
    } else if (outcome === OUTCOME.newlyRight) {
      context.strokeStyle = "#009E73";
      polygon(context, [[x, y - 5], [x + 5, y + 4], [x - 5, y + 4]]);
    } else {
      context.strokeStyle = "#E69F00";
      polygon(context, [[x, y - 4.5], [x + 4.5, y], [x, y + 4.5], [x - 4.5, y]]);
    }
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** The same number from 0 to 1 for the same row, without a pattern among neighbours. */
function luck(row: number): number {
  return (Math.imul(row, 2654435761) >>> 0) / 2 ** 32;
}

function paintStrays(context: CanvasRenderingContext2D, scene: Scene, pixel: (at: Point) => Point): void {
  for (const [x, y, group] of scene.strays) {
    context.beginPath();
    context.arc(...pixel([x, y]), 2.5, 0, 2 * Math.PI);
    context.fillStyle = scene.groups[group]?.color ?? "#888888";
    context.fill();
  }
}

function paintRings(context: CanvasRenderingContext2D, scene: Scene, pixel: (at: Point) => Point, ink: Ink): void {
  for (const at of scene.rings) {
    for (const [width, colour] of [[6, ink.page], [2.5, ink.text]] as const) {
      context.beginPath();
      context.arc(...pixel(at), 10, 0, 2 * Math.PI);
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
  }
}

function polygon(context: CanvasRenderingContext2D, corners: Point[]): void {
  for (const corner of corners) context.lineTo(...corner);
  context.closePath();
}

function paintPath(context: CanvasRenderingContext2D, path: Path, pixel: (at: Point) => Point, ink: Ink): void {
  const knots = path.points.map(pixel);
  const line = () => {
    context.beginPath();
    for (const knot of knots) context.lineTo(...knot);
    context.stroke();
  };
  context.lineJoin = "round";
  context.lineWidth = 6;
  context.strokeStyle = ink.page;
  line();
  context.lineWidth = 2;
  context.strokeStyle = ink.text;
  line();
  knots.forEach(([x, y], number) => {
    context.beginPath();
    context.arc(x, y, number === knots.length - 1 ? 7 : 3.5, 0, 2 * Math.PI);
    context.fillStyle = path.color;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = ink.page;
    context.stroke();
  });
}

/** Names of concepts, then of the checkpoints at the knots; one that would lie over another waits for the zoom. */
function paintNames(context: CanvasRenderingContext2D, scene: Scene, knots: boolean, pixel: (at: Point) => Point, width: number, height: number, ink: Ink): void {
  const taken: Box[] = [];
  const write = (text: string, at: Point, font: string, rise: number): void => {
    context.font = font;
    const [x, y] = pixel(at);
    const half = context.measureText(text).width / 2 + 3;
    const box = { left: x - half, right: x + half, top: y - rise - 9, bottom: y - rise + 9 };
    const outside = box.left < 0 || box.right > width || box.top < 0 || box.bottom > height;
    if (outside || taken.some((other) => overlap(box, other))) return;
    taken.push(box);
    context.lineWidth = 4;
    context.lineJoin = "round";
    context.strokeStyle = ink.page;
    context.strokeText(text, x, y - rise);
    context.fillStyle = ink.text;
    context.fillText(text, x, y - rise);
  };
  context.textAlign = "center";
  context.textBaseline = "middle";
  const family = "system-ui, sans-serif";
  const ordered = [...scene.labels].sort((a, b) => Number(b.important) - Number(a.important));
  for (const label of ordered) {
    write(label.name, [label.x, label.y], `${label.important ? "bold 14px" : "12px"} ${family}`, 20);
  }
  if (!knots) return;
  for (const path of scene.paths) {
    // the ends say most: where it was, and where it is
    const last = path.points.length - 1;
    const order = [last, 0, ...path.points.keys()].filter((knot, at, all) => all.indexOf(knot) === at);
    for (const knot of order) write(path.checkpoints[knot], path.points[knot], `11px ${family}`, -14);
  }
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
