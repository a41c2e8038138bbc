// The picture of a guest's screen as libvirt gives it: PNG, or PPM from older hosts, which browsers do not draw.

export interface ScreenPicture {
  readonly mime: string;
  readonly bytes: Uint8Array;
}

/** The pixels of a binary PPM of eight bits, https://netpbm.sourceforge.net/doc/ppm.html; null when it is none, or not whole. */
export const ppmPixels = (bytes: Uint8Array): { readonly width: number; readonly height: number; readonly rgba: Uint8ClampedArray<ArrayBuffer> } | null => {
  const head = /^P6\s+(?:#[^\n]*\n\s*)*(\d{1,5})\s+(\d{1,5})\s+255\s/.exec(String.fromCharCode(...bytes.subarray(0, 256)));
  const [width, height] = [Number(head?.[1] ?? 0), Number(head?.[2] ?? 0)];
  const from = head?.[0].length ?? 0;
  if (width === 0 || height === 0 || bytes.length < from + width * height * 3) return null;
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel += 1) rgba.set(bytes.subarray(from + pixel * 3, from + pixel * 3 + 3), pixel * 4);
  return { width, height, rgba };
};

/** Draws it, in its own size. Rejects when it is no picture. */
export const drawScreen = async (canvas: HTMLCanvasElement, { mime, bytes }: ScreenPicture): Promise<void> => {
  const ppm = ppmPixels(bytes);
  const drawn = ppm === null ? await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: mime })) : await createImageBitmap(new ImageData(ppm.rgba, ppm.width, ppm.height));
  canvas.width = drawn.width;
  canvas.height = drawn.height;
  canvas.getContext('bitmaprenderer')?.transferFromImageBitmap(drawn);
};
