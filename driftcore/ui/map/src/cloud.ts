// The samples that are drawn: unpacked once, however often the scene around them changes.

import type { Point } from "./types";

interface Header {
  hash: string;
  n: number;
  labels: string[];
  predictions: string[];
  arrays: Record<string, [number, number]>;
  texts: [number, number];
}

export class Cloud {
  readonly n: number;
  readonly hash: string;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly fromX: Float32Array;
  readonly fromY: Float32Array;
  readonly group: Uint8Array;
  readonly outcome: Uint8Array;
  readonly shift: Float32Array;
  readonly confidence: Float32Array;
  private readonly label: Int32Array;
  private readonly prediction: Int32Array;
  private texts: (string | null)[] = [];

  constructor(bytes: Uint8Array, private readonly header: Header, start: number) {
    this.n = header.n;
    this.hash = header.hash;
    const floats = (name: string) => new Float32Array(slice(bytes, start, header.arrays[name]));
    const codes = (name: string) => new Uint8Array(slice(bytes, start, header.arrays[name]));
    const numbers = (name: string) => new Int32Array(slice(bytes, start, header.arrays[name]));
    this.x = floats("x");
    this.y = floats("y");
    this.fromX = floats("from_x");
    this.fromY = floats("from_y");
    this.shift = floats("shift");
    this.confidence = floats("confidence");
    this.group = codes("group");
    this.outcome = codes("outcome");
    this.label = numbers("label");
    this.prediction = numbers("prediction");
    void this.readTexts(slice(bytes, start, header.texts));
  }

  labelOf(row: number): string {
    return this.header.labels[this.label[row]] ?? "–";
  }

  predictionOf(row: number): string | null {
    return this.header.predictions[this.prediction[row]] ?? null;
  }

  textOf(row: number): string | null {
    return this.texts[row] ?? null;
  }

  at(row: number): Point {
    return [this.x[row], this.y[row]];
  }

  private async readTexts(deflated: ArrayBuffer): Promise<void> {
    if (deflated.byteLength === 0) return;
    const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate"));
    this.texts = (await new Response(stream).json()) as (string | null)[];
  }
}

/** The blob: the length of its header, the header as JSON, then the arrays. */
export function unpack(bytes: Uint8Array): Cloud {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Header;
  return new Cloud(bytes, header, 4 + length);
}

export function bits(base64: string | null, n: number): Uint8Array | null {
  if (base64 === null) return null;
  const packed = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const chosen = new Uint8Array(n);
  for (let row = 0; row < n; row += 1) chosen[row] = (packed[row >> 3] >> (row & 7)) & 1;
  return chosen;
}

// copied, since a typed array must begin at a multiple of its width
function slice(bytes: Uint8Array, start: number, [offset, length]: [number, number]): ArrayBuffer {
  return bytes.slice(start + offset, start + offset + length).buffer as ArrayBuffer;
}
