// What Python sends, and what goes back to it.

export type Point = [number, number];

/** One entry of the legend: samples that share a colour. `selected` counts those of them that are selected. */
export interface Group {
  name: string;
  color: string;
  n: number;
  selected: number;
}

export interface Label {
  name: string;
  x: number;
  y: number;
  important: boolean;
}

/** A concept's centre from checkpoint to checkpoint. */
export interface Path {
  name: string;
  color: string;
  checkpoints: string[];
  points: Point[];
}

export interface Camera {
  x: number;
  y: number;
  width: number;
}

/** Everything but the samples; small, and sent again at every answer. */
export interface Scene {
  cloud: string;
  checkpoint: string;
  groups: Group[];
  /** one bit a drawn sample, base64; null where nothing is selected */
  selection: string | null;
  nSelected: number;
  canUndo: boolean;
  labels: Label[];
  paths: Path[];
  camera: Camera;
  /** bumped by Python when the camera is to be taken over, as by a link */
  cameraSerial: number;
  earlier: string | null;
  later: string | null;
  steps: boolean;
  /** a shared view: to look at, not to select on */
  readOnly: boolean;
  /** places of samples with a ring around them, as those ticked in a table */
  rings: Point[];
  /** selected samples that the drawn part leaves out: x, y and group */
  strays: [number, number, number][];
  /** samples that shifted more have a trail; null where none has one */
  trailThreshold: number | null;
  description: string;
  height: number;
}

export type Mode = "replace" | "add" | "subtract";

/** What a person did; `serial` tells two equal ones apart. */
export type MapEvent =
  | { kind: "polygon"; mode: Mode; polygon: Point[]; camera: Camera; serial: number }
  | { kind: "sample"; mode: Mode; row: number; camera: Camera; serial: number }
  | { kind: "undo" | "clear"; camera: Camera; serial: number }
  | { kind: "step"; to: string; camera: Camera; serial: number };

export const OUTCOME = { right: 0, unknown: 1, wrong: 2, newlyRight: 3, newlyWrong: 4 } as const;
