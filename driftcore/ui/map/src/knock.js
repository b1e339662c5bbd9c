// The scene's side of the door: it may be there before the code that draws it.
const door = (globalThis.driftloopMap ??= { waiting: [] });

export default function knock(mount) {
  if (door.mount) return door.mount(mount);
  door.waiting.push(mount);
}
