// The card beside the pointer: what is known of one sample.

import type { Cloud } from "./cloud";
import { element } from "./dom";
import { OUTCOME } from "./types";

const SAID = new Map<number, string>([
  [OUTCOME.wrong, "wrong before and now"],
  [OUTCOME.newlyWrong, "right → wrong"],
  [OUTCOME.newlyRight, "wrong → right"],
  [OUTCOME.right, "right"],
]);

export class Card {
  readonly root = element("div", { class: "card", role: "status", hidden: "" });

  show(cloud: Cloud, row: number, left: number, top: number, width: number): void {
    const prediction = cloud.predictionOf(row);
    const confidence = Number.isNaN(cloud.confidence[row]) ? "" : ` (${cloud.confidence[row].toFixed(2)})`;
    const outcome = SAID.get(cloud.outcome[row]);
    const lines = [
      element("strong", {}, cloud.textOf(row) ?? "no text"),
      element("span", {}, `label ${cloud.labelOf(row)}`),
      ...(prediction === null ? [] : [element("span", {}, `predicted ${prediction}${confidence}`)]),
      ...(outcome === undefined ? [] : [element("span", {}, outcome)]),
      element("span", {}, `shift ${cloud.shift[row].toFixed(3)} (cosine distance)`),
    ];
    this.root.replaceChildren(...lines);
    this.root.hidden = false;
    // on the side of the pointer where there is room
    const across = left > width / 2 ? left - this.root.offsetWidth - 14 : left + 14;
    this.root.style.transform = `translate(${Math.max(0, across)}px, ${Math.max(0, top - 10)}px)`;
  }

  hide(): void {
    this.root.hidden = true;
  }
}
