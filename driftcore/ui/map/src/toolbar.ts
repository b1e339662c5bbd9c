// The toolbar: every way of working with the map is a button that can be seen, named and reached by keyboard.

import { button, element } from "./dom";
import type { Shown } from "./overlay";
import type { Tool } from "./pen";
import type { Mode, Scene } from "./types";

export interface Actions {
  tool(tool: Tool): void;
  mode(mode: Mode): void;
  undo(): void;
  clear(): void;
  zoom(factor: number): void;
  home(): void;
  step(to: string): void;
  play(): void;
  toggle(layer: keyof Shown): void;
}

const TOOLS: [Tool, string, string][] = [
  ["pan", "✥ Pan", "Pan: drag moves the map"],
  ["lasso", "◌ Lasso", "Lasso: draw around samples"],
  ["box", "▭ Box", "Box: select a rectangle"],
];
const MODES: [Mode, string, string][] = [
  ["replace", "New", "A figure replaces the selection"],
  ["add", "+ Add", "A figure adds to the selection"],
  ["subtract", "− Subtract", "A figure takes away from the selection"],
];
const LAYERS: [keyof Shown, string, string][] = [
  ["names", "Names", "Names of concepts and checkpoints"],
  ["paths", "Paths", "How the centres of concepts went, checkpoint by checkpoint"],
  ["trails", "Trails", "How far the samples went that shifted most"],
  ["contours", "Contours", "Lines of equal density"],
];

export class Toolbar {
  readonly root = element("div", { class: "toolbar", role: "toolbar", "aria-label": "Map tools" });
  private readonly tools: HTMLButtonElement[];
  private readonly modes: HTMLButtonElement[];
  private readonly layers: HTMLButtonElement[];
  private readonly selecting: HTMLElement[];
  private readonly undo: HTMLButtonElement;
  private readonly clear: HTMLButtonElement;
  private readonly travel = element("span", { class: "group", role: "group", "aria-label": "Checkpoints" });

  constructor(private readonly actions: Actions) {
    this.tools = TOOLS.map(([tool, label, title]) => button(label, title, () => actions.tool(tool)));
    this.modes = MODES.map(([mode, label, title]) => button(label, title, () => actions.mode(mode)));
    this.layers = LAYERS.map(([layer, label, title]) => button(label, title, () => actions.toggle(layer)));
    this.undo = button("↶ Undo", "Undo the last step of the selection", () => actions.undo());
    this.clear = button("Clear", "Clear the selection", () => actions.clear());
    this.selecting = [
      group("Tool", this.tools),
      group("What a figure does", this.modes),
      group("Selection", [this.undo, this.clear]),
    ];
    this.root.append(
      ...this.selecting,
      group("Zoom", [
        button("+", "Zoom in", () => actions.zoom(0.6)),
        button("−", "Zoom out", () => actions.zoom(1 / 0.6)),
        button("Fit", "Show the whole map", () => actions.home()),
      ]),
      group("Layers", this.layers),
      this.travel,
    );
  }

  show(scene: Scene, tool: Tool, mode: Mode, shown: Shown, playing: boolean): void {
    press(this.tools, TOOLS.findIndex(([name]) => name === tool));
    press(this.modes, MODES.findIndex(([name]) => name === mode));
    this.layers.forEach((each, number) => each.setAttribute("aria-pressed", String(shown[LAYERS[number][0]])));
    for (const each of this.selecting) each.hidden = scene.readOnly;
    this.undo.disabled = !scene.canUndo;
    this.clear.disabled = scene.nSelected === 0;
    const { earlier, later } = scene;
    const back = button("◀ Earlier", earlier === null ? "No earlier checkpoint" : `Go to ${earlier}`, () => this.actions.step(earlier ?? ""));
    const on = button("Later ▶", later === null ? "No later checkpoint" : `Go to ${later}`, () => this.actions.step(later ?? ""));
    const play = button(playing ? "⏸ Pause" : "▷ Play", playing ? "Stop playing" : "Play through the checkpoints", () => this.actions.play());
    back.disabled = earlier === null;
    on.disabled = later === null;
    play.disabled = later === null && !playing;
    const here = element("span", { class: "here" }, scene.checkpoint);
    // a button that is in use stays in focus though it is made anew
    const focused = [...this.travel.children].indexOf(this.travel.querySelector(":focus") ?? this.travel);
    this.travel.replaceChildren(...(scene.steps ? [back, here, on, play] : [here]));
    if (focused >= 0) (this.travel.children[focused] as HTMLElement | undefined)?.focus();
  }
}

function group(name: string, buttons: HTMLButtonElement[]): HTMLElement {
  const made = element("span", { class: "group", role: "group", "aria-label": name });
  made.append(...buttons);
  return made;
}

function press(buttons: HTMLButtonElement[], pressed: number): void {
  buttons.forEach((each, number) => each.setAttribute("aria-pressed", String(number === pressed)));
}
