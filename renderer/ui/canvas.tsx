// A canvas that is as sharp as the screen and is drawn again when its size, its scale or what it shows changes.
import { type ReactNode, useEffect, useRef, useState } from 'react';

export type Brush = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
/** Draws on an empty picture, whose unit is one CSS pixel. */
export type Draw = (brush: Brush, width: number, height: number) => void;

/**
 * Puts a new picture of so many CSS pixels into a canvas. Where no GPU puts pages together, all pixels of a canvas that is drawn into are
 * copied for each frame that changes anything on the page; those of a picture that is handed over are not.
 */
const present = (canvas: HTMLCanvasElement | null, width: number, height: number, draw: Draw): void => {
  const shown = canvas?.getContext('bitmaprenderer') ?? null;
  const scale = window.devicePixelRatio;
  const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
  if (shown === null || across === 0 || down === 0) return;
  const picture = new OffscreenCanvas(across, down);
  const brush = picture.getContext('2d');
  if (brush === null) return;
  brush.scale(scale, scale);
  draw(brush, width, height);
  shown.transferFromImageBitmap(picture.transferToImageBitmap());
};

/** The width of an element in CSS pixels, kept true as it changes. */
export const useWidth = (): readonly [(element: HTMLElement | null) => void, number] => {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (element === null) return undefined;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width];
};

/** `draw` is called when it is another function: pass a new one only when the picture changes. */
export const Canvas = ({ draw, width, height, label }: { readonly draw: Draw; readonly width: number; readonly height: number; readonly label?: string }): ReactNode => {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => present(canvas.current, width, height, draw), [draw, width, height]);
  return <canvas ref={canvas} style={{ width, height, display: 'block', flex: 'none' }} {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })} />;
};
