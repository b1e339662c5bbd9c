// The door to Streamlit. Bytes arrive only as a component's whole payload, so there are two: one brings the samples,
// and with them this code; the other brings the scene around them, which is small. Streamlit sends what has not
// changed only once, so an answer to a lasso costs neither the samples nor the code.

import { type Cloud, unpack } from "./cloud";
import type { Camera, MapEvent, Scene } from "./types";
import { MapView } from "./view";

interface Mount<Data> {
  data: Data | null;
  parentElement: HTMLElement | ShadowRoot;
  setTriggerValue(name: string, value: unknown): void;
  setStateValue(name: string, value: unknown): void;
}

type Leave = () => void;

/** Where the two components meet; the scene's own code is only a knock at this door. */
interface Door {
  waiting: Mount<Scene>[];
  mount?: (mount: Mount<Scene>) => Leave | undefined;
}

const KEPT = 6;
const clouds = new Map<string, Cloud>();
const waiting = new Set<() => void>();
const views = new Map<Node, MapView>();
const door = ((globalThis as { driftloopMap?: Door }).driftloopMap ??= { waiting: [] });

door.mount = mountScene;
for (const early of door.waiting.splice(0)) mountScene(early);

export default function mountCloud({ data }: Mount<Uint8Array>): void {
  if (data === null) return;
  const cloud = unpack(data);
  if (clouds.has(cloud.hash)) return;
  clouds.set(cloud.hash, cloud);
  for (const old of [...clouds.keys()].slice(0, -KEPT)) clouds.delete(old);
  for (const show of [...waiting]) show();
}

function mountScene({ data, parentElement, setTriggerValue, setStateValue }: Mount<Scene>): Leave | undefined {
  const host = parentElement.querySelector(".host");
  if (host === null || data === null) return undefined;
  let view = views.get(host);
  if (view === undefined) {
    view = new MapView({
      act: (event: MapEvent) => setTriggerValue("event", event),
      look: (camera: Camera) => setStateValue("camera", camera),
      moved: (camera: Camera) => {
        for (const [other, its] of views) if (other !== host) its.follow(camera);
      },
    });
    views.set(host, view);
    host.append(view.root);
  }
  const shown = view;
  const show = (): void => {
    // a view keeps what it shows: beside another map that plays on, its samples may no longer be among the latest
    const cloud = clouds.get(data.cloud) ?? shown.holds(data.cloud);
    if (cloud === undefined) return;
    waiting.delete(show);
    shown.show(data, cloud);
  };
  waiting.add(show);
  show();
  return () => {
    waiting.delete(show);
    if (host.isConnected) return;
    views.delete(host);
    shown.destroy();
  };
}
